// Opens pages of HTML in Chromium and checks what no other test can see: that nothing is fetched, that they read well in
// both schemes, without a script, behind the policy of Jenkins, on paper and on a telephone, and that they open at once.
//
//   node tests/browser/check.mjs target/debug/ekslint
//
// What it needs of npm goes to target/browser. It fails where there is no Chromium: nothing is skipped.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const TODAY = ["--as-of", "2026-12-01"];
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
/** The longest time until a page of 10,000 findings is there, in milliseconds. */
const OPEN = 1000;

const failures = [];
const check = (what, is, said = "") => {
  if (!is) failures.push(`${what}${said === "" ? "" : `: ${said}`}`);
};

function installed() {
  const folder = join(root, "target/browser");
  mkdirSync(folder, { recursive: true });
  const wanted = readFileSync(join(here, "package-lock.json"), "utf8");
  const made = join(folder, "made-from.txt");
  if (!existsSync(made) || readFileSync(made, "utf8") !== wanted) {
    for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(here, name), join(folder, name));
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
    writeFileSync(made, wanted);
  }
  return createRequire(join(folder, "package.json"));
}

function browserPath() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync);
  if (!found) throw new Error(`no Chromium on the path: none of ${names.join(", ")}`);
  return found;
}

/** Writes a page; 1 says that there are findings. */
function page(ekslint, file, args) {
  try {
    execFileSync(ekslint, [...args, ...TODAY, "--format", `html=${file}`], { cwd: root, stdio: "pipe" });
  } catch (error) {
    if (error.status !== 1) throw error;
  }
  return file;
}

/** 100 clusters with 100 findings each: volumes and nodes of the study lab, many times. */
function fleet(folder) {
  const lab = JSON.parse(readFileSync(join(root, "fixtures/study-lab.json"), "utf8"));
  const [instance, volume] = [lab.instances[0], lab.volumes[0]];
  const each = Array.from({ length: 41 }, (_, at) => at.toString(16).padStart(4, "0"));
  lab.instances = each.map(at => ({
    ...instance, InstanceId: `i-0000${at}`,
    BlockDeviceMappings: instance.BlockDeviceMappings.map(one => ({ ...one, Ebs: { ...one.Ebs, VolumeId: `vol-0000${at}` } })),
  }));
  lab.volumes = each.map(at => ({
    ...volume, VolumeId: `vol-0000${at}`,
    Attachments: volume.Attachments.map(one => ({ ...one, VolumeId: `vol-0000${at}`, InstanceId: `i-0000${at}` })),
  }));
  const text = JSON.stringify(lab);
  const lines = Array.from({ length: 100 }, (_, at) => text.replaceAll("study-lab", `lab-${String(at).padStart(3, "0")}`));
  const file = join(folder, "fleet.ndjson");
  writeFileSync(file, lines.join("\n") + "\n");
  return file;
}

async function opened(browser, url, { scheme = "light", width = 1280, script = true, media = "screen" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script });
  const tab = await context.newPage();
  tab.on("console", message => {
    if (message.type() === "error") failures.push(`${url}: console: ${message.text()}`);
  });
  tab.on("pageerror", error => failures.push(`${url}: ${error.message}`));
  tab.on("request", request => {
    const target = request.url();
    check(`${url}: a request`, target.startsWith("file:") || target === url, target);
  });
  await tab.emulateMedia({ media });
  await tab.goto(url);
  return { tab, close: () => context.close() };
}

/** axe runs in a world of its own: the policy of the page lets no other script in. */
async function accessible(tab, axe, what) {
  const session = await tab.context().newCDPSession(tab);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const run = async (expression, awaitPromise) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId, awaitPromise, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await run(axe, false);
  const found = await run("axe.run().then(all => all.violations.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`))", true);
  found.forEach(violation => failures.push(`${what}: axe ${violation}`));
  await session.detach();
}

const openAll = tab => tab.evaluate(() => document.querySelectorAll("details").forEach(one => { one.open = true; }));

async function schemes(browser, pages, axe) {
  const one = async (name, file, scheme) => {
    const { tab, close } = await opened(browser, pathToFileURL(file).href, { scheme });
    await openAll(tab);
    await accessible(tab, axe, `${name} ${scheme}`);
    await close();
  };
  const each = Object.entries(pages).flatMap(([name, file]) => ["light", "dark"].map(scheme => one(name, file, scheme)));
  await Promise.all(each);
}

async function narrow(browser, pages) {
  for (const [name, file] of Object.entries(pages)) {
    const { tab, close } = await opened(browser, pathToFileURL(file).href, { width: 320 });
    await openAll(tab);
    const width = await tab.evaluate(() => document.documentElement.scrollWidth);
    check(`${name}: 320 px wide without sideways scroll`, width <= 320, width);
    await close();
  }
}

async function withoutScript(browser, file) {
  const { tab, close } = await opened(browser, pathToFileURL(file).href, { script: false });
  check("without a script there are no controls", !(await tab.locator("#filter").isVisible()) && (await tab.locator("button:visible").count()) === 0);
  await tab.locator("details.rule > summary").first().click();
  check("a rule opens without a script", await tab.locator("details.rule .code").first().isVisible());
  await close();
}

/** What Jenkins sends with each page of a build. */
async function behindPolicy(browser, file) {
  const text = readFileSync(file);
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'self'" });
    answer.end(text);
  });
  await new Promise(done => server.listen(0, "127.0.0.1", done));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const tab = await context.newPage();
  const asked = [];
  tab.on("request", request => asked.push(request.url()));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  check("behind the policy nothing is fetched", asked.filter(one => !one.endsWith("/favicon.ico")).length === 1, asked.join(" "));
  check("behind the policy the controls are hidden", !(await tab.locator("#filter").isVisible()));
  check("behind the policy headings and totals are there", (await tab.locator("h1").isVisible()) && (await tab.locator(".total").first().isVisible()));
  const stroke = await tab.locator("figure svg path[stroke]").first().getAttribute("stroke");
  check("behind the policy the picture has colours", Boolean(stroke) && stroke !== "none", stroke);
  await tab.locator("details.rule > summary").first().click();
  check("behind the policy a rule opens", await tab.locator("details.rule .code").first().isVisible());
  await context.close();
  server.close();
}

async function printed(browser, file) {
  const { tab, close } = await opened(browser, pathToFileURL(file).href, { scheme: "dark", media: "print" });
  const seen = await tab.evaluate(() => {
    const shown = node => node.checkVisibility({ contentVisibilityAuto: true }) && node.getBoundingClientRect().height > 0;
    return {
      folded: shown(document.querySelector("details.rule:not([open]) pre")),
      filter: shown(document.querySelector("#filter")),
      ground: getComputedStyle(document.body).backgroundColor,
    };
  });
  check("print shows what is folded", seen.folded);
  check("print hides the controls", !seen.filter);
  check("print is not dark", seen.ground === "rgb(255, 255, 255)", seen.ground);
  await close();
}

async function filtered(browser, file) {
  const { tab, close } = await opened(browser, pathToFileURL(file).href);
  const count = () => tab.locator("#filter output").textContent();
  const rows = selector => tab.locator(`${selector} tbody:not([hidden]) tr:not(.head):not([hidden])`).count();
  const all = await rows("details.rule");
  check("all are counted", (await count()) === `${all} of ${all} findings`, await count());
  await tab.locator("[name=severity][value=low]").uncheck();
  const left = await rows("details.rule:not([hidden])");
  check("without low ones", left < all && (await count()) === `${left} of ${all} findings`, await count());
  check("the address keeps the filter", tab.url().endsWith("#?without=low"), tab.url());
  await tab.locator("[name=q]").fill("0.0.0.0/0");
  const found = await rows("details.rule:not([hidden])");
  check("a search", found > 0 && found < left && (await count()) === `${found} of ${all} findings`, await count());
  const other = await opened(browser, tab.url());
  check("the address brings the filter back", (await other.tab.locator("#filter output").textContent()) === (await count()));
  await other.close();
  await tab.locator("[name=open]").click();
  check("all that is left is open", (await tab.locator("details.rule:not([hidden]):not([open])").count()) === 0);
  await tab.goto(`${pathToFileURL(file).href}#${await tab.locator("details.rule").last().locator("tbody").first().getAttribute("id")}`);
  check("a link opens what it leads to", await tab.locator("details.rule").last().locator("tbody td").first().isVisible());
  await close();
}

async function large(browser, file) {
  const bytes = readFileSync(file).length;
  check("the page of 10,000 findings has 8 MB at most", bytes <= 8_000_000, bytes);
  const { tab, close } = await opened(browser, pathToFileURL(file).href);
  const times = [];
  for (let at = 0; at < 3; at += 1) {
    await tab.reload();
    times.push(await tab.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete));
  }
  const total = Number((await tab.locator("#filter output").textContent()).split(" ")[2]);
  check("10,000 findings are on the page", total >= 9_900, total);
  check("20 clusters have pictures", (await tab.locator("figure svg").count()) === 20, await tab.locator("figure svg").count());
  // The best of three: others may use the machine too.
  check(`the page of 10,000 findings opens within ${OPEN} ms`, Math.min(...times) < OPEN, times.map(Math.round).join(", "));
  console.log(`${total} findings, ${bytes} bytes: domComplete ${times.map(Math.round).join(", ")} ms`);
  await close();
}

async function main() {
  const ekslint = resolve(process.argv[2] ?? join(root, "target/debug/ekslint"));
  if (!existsSync(ekslint)) throw new Error(`there is no ${ekslint}: name the program`);
  const load = installed();
  const { chromium } = load("playwright-core");
  const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
  const folder = mkdtempSync(join(tmpdir(), "ekslint-pages-"));
  const browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS });
  try {
    const to = name => join(folder, `${name}.html`);
    const lab = page(ekslint, to("lab"), ["scan", "--no-config", "fixtures/study-lab.json"]);
    const pages = {
      lab,
      fixtures: page(ekslint, to("fixtures"), ["scan", "--no-config", "fixtures"]),
      report: page(ekslint, to("report"), ["report", "--no-config", "--framework", "isms-p-2023", "fixtures/study-lab.json"]),
      explain: page(ekslint, to("explain"), ["explain", "fixtures/private-hardened.json"]),
      diff: page(ekslint, to("diff"), ["diff", "--no-config", "fixtures/office-access.json", "fixtures/locked-out-nodes.json"]),
      versions: page(ekslint, to("versions"), ["versions", "fixtures"]),
    };
    const many = page(ekslint, to("fleet"), ["scan", "--no-config", fleet(folder)]);
    await schemes(browser, pages, axe);
    await narrow(browser, pages);
    await withoutScript(browser, lab);
    await behindPolicy(browser, lab);
    await printed(browser, lab);
    await filtered(browser, pages.fixtures);
    await large(browser, many);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (failures.length > 0) {
    console.error(`${failures.length} of the pages of HTML:\n${failures.map(one => `  - ${one}`).join("\n")}`);
    process.exit(1);
  }
  console.log("the pages of HTML are sound in Chromium");
}

await main();
