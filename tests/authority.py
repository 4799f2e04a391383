"""authority.py - a time stamping authority for tests, made with OpenSSL's command, over HTTP."""
import http.server
import ssl
import subprocess
import threading

CONFIG = """[t]
default_policy = 1.2.3.4
serial = {folder}/serial
digests = sha256
signer_digest = sha256
ordering = no
ess_cert_id_alg = sha256
"""


def openssl(*arguments, cwd=None, **more):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, cwd=cwd, capture_output=True, **more)


class Authority:
    """Root and certificate lie in folder; root.pem is what is trusted."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        openssl("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "root.key", "-out", "root.pem",
                "-days", 2, "-subj", "/CN=Test root", cwd=folder)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr",
                "-subj", "/CN=Test authority", cwd=folder)
        (folder / "ext").write_text("extendedKeyUsage=critical,timeStamping\n", encoding="utf-8")
        openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                "-days", 2, "-extfile", "ext", "-out", "tsa.pem", cwd=folder)
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder), encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        self.trust = folder / "root.pem"

    def stamp(self, query):
        (self.folder / "query").write_bytes(query)
        openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", "query", "-signer", "tsa.pem",
                "-inkey", "tsa.key", "-out", "reply", cwd=self.folder)
        return (self.folder / "reply").read_bytes()


class Server:
    """answer(path, body) gives (status, content type, body). Listens on this machine alone."""

    def __init__(self, answer, certificate=None):
        self.asked = []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.asked.append((self.path, self.headers.get("Content-Type"), body))
                status, kind, reply = answer(self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.http = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        if certificate:  # (certificate, key): by TLS
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.http.server_port}/"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
