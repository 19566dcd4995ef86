"""The server behind TLS, with a certificate that no machine trusts by itself.

    python tests/moto/tls.py CERTIFICATE URL

Writes a certificate of its own to the file, prints `listening on https://localhost:PORT`, and passes every
connection on to the URL. Ends when its standard input does.
"""

import datetime
import os
import socket
import ssl
import sys
import tempfile
import threading
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate():
    """A key, and a certificate for localhost that is signed with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ekslint test authority")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return key, builder.sign(key, hashes.SHA256())


def pem(key, cert):
    """Both in PEM."""
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, cert.public_bytes(serialization.Encoding.PEM)


def context(private, public):
    """Python loads keys from files only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(private + public)
    context.load_cert_chain(file.name)
    os.unlink(file.name)
    return context


def pass_on(source, target):
    """Copies until one side has nothing more to say."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for side in (source, target):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(connection, tls, url):
    try:
        client = tls.wrap_socket(connection, server_side=True)
    except (ssl.SSLError, OSError):
        # The client does not trust the certificate.
        connection.close()
        return
    server = socket.create_connection((url.hostname, url.port))
    threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
    pass_on(client, server)


def accept(listener, tls, url):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, tls, url), daemon=True).start()


def main():
    path, url = sys.argv[1], urlsplit(sys.argv[2])
    private, public = pem(*certificate())
    with open(path, "wb") as file:
        file.write(public)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, context(private, public), url), daemon=True).start()
    print(f"listening on https://localhost:{listener.getsockname()[1]}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
