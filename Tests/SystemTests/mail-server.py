# A mail server for the system test, of Debian's aiosmtpd: CERTIFICATE KEY FILE. It takes a mail only
# after STARTTLS and a sign-in, and writes into the file what came.
import email
import email.policy
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

certificate, key, place = sys.argv[1:]


def note(text):
    with open(place, "a", encoding="utf-8") as file:
        file.write(text + "\n")


class Mails:
    async def handle_DATA(self, server, session, envelope):
        protocol = server.transport.get_extra_info("ssl_object").version()
        note(f"taken: {session.auth_data.login.decode()}, {protocol}")
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        note(f"subject: {mail['subject']}")
        note(f"says: {mail.get_content().splitlines()[0]}")
        return "250 taken"


def sign_in(server, session, envelope, mechanism, data):
    if (data.login, data.password) == (b"riskd", b"s3cret-of-mail"):
        return AuthResult(success=True, auth_data=data)
    note(f"refused: {data.login.decode()}")
    return AuthResult(success=False, handled=False)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
Controller(
    Mails(), hostname="127.0.0.1", port=2525, tls_context=context, require_starttls=True,
    authenticator=sign_in, auth_required=True,
).start()
threading.Event().wait()
