# The formula of ekslint @VERSION@ for Homebrew. The release fills in the version and the checksums:
# .github/release/installers.sh.
class Ekslint < Formula
  desc "Compliance linter for Amazon EKS configurations"
  homepage "https://github.com/ekslint/ekslint"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/ekslint/ekslint/releases/download/v@VERSION@/ekslint-v@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256:aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/ekslint/ekslint/releases/download/v@VERSION@/ekslint-v@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/ekslint/ekslint/releases/download/v@VERSION@/ekslint-v@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/ekslint/ekslint/releases/download/v@VERSION@/ekslint-v@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "ekslint"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/ekslint.bash" => "ekslint"
    zsh_completion.install "completions/_ekslint"
    fish_completion.install "completions/ekslint.fish"
  end

  test do
    assert_equal "ekslint #{version}", shell_output("#{bin}/ekslint --version").strip
  end
end
