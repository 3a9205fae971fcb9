# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the stack takes from the environment, and the `TITHI_*` variables it gives to its children."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tithi.devstack.errors import StackConfigurationError
from tithi.devstack.ports import HOST, Ports, read_ports
from tithi.integrations.stripe.sandbox.app import publishable_key
from tithi.platform.roles import APP, BACKUP, MIGRATOR, WORKER

DATABASE = "tithi"
REPOSITORY = Path(__file__).resolve().parents[3]
_DATABASE_URLS = ("TITHI_DATABASE_URL", "TITHI_WORKER_DATABASE_URL", "TITHI_MIGRATOR_DATABASE_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Made once and kept in the state directory, so that sessions, links and passwords survive a restart."""

    secret_key: str
    app_password: str
    worker_password: str
    migrator_password: str
    backup_password: str
    valkey_password: str
    stripe_secret_key: str
    stripe_connect_webhook_secret: str
    stripe_platform_webhook_secret: str
    token_signing_key: str

    def database_passwords(self) -> dict[str, str]:
        return {
            APP: self.app_password,
            WORKER: self.worker_password,
            MIGRATOR: self.migrator_password,
            BACKUP: self.backup_password,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What to start and where; read from the environment by `read_stack`."""

    state: Path
    ports: Ports
    has_embedded_postgres: bool
    has_embedded_valkey: bool
    has_stripe_sandbox: bool
    environment: Mapping[str, str]

    @property
    def pids(self) -> Path:
        return self.state / "pids"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def postgres(self) -> Path:
        return self.state / "postgres"

    @property
    def sandboxes(self) -> Path:
        return self.state / "sandboxes"

    @property
    def beat(self) -> Path:
        return self.state / "beat"

    @property
    def demo_notes(self) -> Path:
        """What the demo data said about itself; it exists when they are loaded."""
        return self.state / "demo.txt"


def read_stack(environment: Mapping[str, str] | None = None) -> Stack:
    """Read the environment of this process, or the given one.

    Raises:
        PortError: a port is wrong.
        StackConfigurationError: only some of the database addresses are given.
    """
    given = dict(os.environ if environment is None else environment)
    missing = [name for name in _DATABASE_URLS if not given.get(name)]
    if 0 < len(missing) < len(_DATABASE_URLS):
        message = f"With a database of your own all three addresses are needed; missing: {', '.join(missing)}."
        raise StackConfigurationError(message)
    return Stack(
        state=state_directory(given),
        ports=read_ports(given),
        has_embedded_postgres=bool(missing),
        has_embedded_valkey=not given.get("TITHI_REDIS_URL"),
        has_stripe_sandbox=not given.get("TITHI_STRIPE_SECRET_KEY"),
        environment=given,
    )


def state_directory(environment: Mapping[str, str] | None = None) -> Path:
    given = os.environ if environment is None else environment
    return Path(given.get("TITHI_STATE_DIR") or REPOSITORY / ".tithi").absolute()


def test_postgres_directory() -> Path | None:
    """The folder of the server programs that tests run against; None for the embedded ones."""
    folder = os.environ.get("TITHI_TEST_POSTGRES_BIN")
    return Path(folder) if folder else None


def load_secrets(state: Path) -> Secrets:
    """Read the secrets of the state directory; what is missing is made and written, readable by its owner alone.

    Raises:
        StackConfigurationError: the file is damaged.
    """
    file = state / "secrets.json"
    kept: dict[str, str] = {}
    if file.exists():
        try:
            kept = {str(name): str(value) for name, value in json.loads(file.read_text(encoding="utf-8")).items()}
        except (ValueError, AttributeError) as error:
            message = f"{file} is damaged: run `make reset`, which starts over without it."
            raise StackConfigurationError(message) from error
    made = asdict(_new_secrets())
    known = Secrets(**{field.name: kept.get(field.name, made[field.name]) for field in fields(Secrets)})
    if kept != asdict(known):
        write_private(file, json.dumps(asdict(known), indent=2) + "\n")
    return known


def write_private(file: Path, text: str) -> None:
    """Replace the file at once by one that its owner alone may read."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as output:  # noqa: PTH123 - a descriptor has no path
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    unfinished.replace(file)


def child_environment(stack: Stack, known: Secrets) -> dict[str, str]:
    """The environment of web, worker, beat and command line: ours, overridden by what the caller has set."""
    ports = stack.ports
    ours = {
        "TITHI_ENV": "development",
        "TITHI_DATABASE_URL": _database_url(APP, known.app_password, ports),
        "TITHI_WORKER_DATABASE_URL": _database_url(WORKER, known.worker_password, ports),
        "TITHI_MIGRATOR_DATABASE_URL": _database_url(MIGRATOR, known.migrator_password, ports),
        "TITHI_REDIS_URL": f"redis://:{quote(known.valkey_password, safe='')}@{HOST}:{ports.valkey}/0",
        "TITHI_SECRET_KEY": known.secret_key,
        "TITHI_BASE_DOMAIN": f"localhost:{ports.web}",
        "TITHI_PUBLIC_SCHEME": "http",
        "TITHI_PORT": str(ports.web),
        "TITHI_INTERNAL_PORT": str(ports.internal),
        "TITHI_WORKER_INTERNAL_PORT": str(ports.worker_internal),
        "TITHI_STRIPE_SECRET_KEY": known.stripe_secret_key,
        "TITHI_STRIPE_PUBLISHABLE_KEY": publishable_key(known.stripe_secret_key),
        "TITHI_STRIPE_API_BASE": f"http://{HOST}:{ports.stripe_sandbox}",
        "TITHI_STRIPE_CONNECT_WEBHOOK_SECRETS": known.stripe_connect_webhook_secret,
        "TITHI_STRIPE_PLATFORM_WEBHOOK_SECRETS": known.stripe_platform_webhook_secret,
        "TITHI_EMAIL_PROVIDER": "sandbox",
        "TITHI_EMAIL_FROM": "bookings@tithi.example",
        "TITHI_SMS_PROVIDER": "sandbox",
        "TITHI_MESSAGE_SANDBOX_URL": f"http://{HOST}:{ports.message_sandbox}",
        "TITHI_IDENTITY_PROVIDER": "local",
        "TITHI_TOKEN_SIGNING_KEY": known.token_signing_key,
        "TITHI_LOG_FORMAT": "console",
        "TITHI_STATE_DIR": str(stack.state),
        "PYTHONUNBUFFERED": "1",
    }
    if not stack.has_stripe_sandbox:
        del ours["TITHI_STRIPE_API_BASE"]
    chosen = {name: value for name, value in stack.environment.items() if value or name not in ours}
    if os.geteuid() == 0:
        # Celery warns about root on every start; whoever develops in a container knows.
        ours["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    paths = [str(REPOSITORY / "backend"), *filter(None, [stack.environment.get("PYTHONPATH")])]
    return {**ours, **chosen, "PYTHONPATH": os.pathsep.join(paths)}


def _database_url(role: str, password: str, ports: Ports) -> str:
    return f"postgresql+psycopg2://{role}:{quote(password, safe='')}@{HOST}:{ports.postgres}/{DATABASE}"


def _new_secrets() -> Secrets:
    key = ec.generate_private_key(ec.SECP256R1())
    return Secrets(
        secret_key=secrets.token_urlsafe(48),
        app_password=secrets.token_urlsafe(24),
        worker_password=secrets.token_urlsafe(24),
        migrator_password=secrets.token_urlsafe(24),
        backup_password=secrets.token_urlsafe(24),
        valkey_password=secrets.token_urlsafe(24),
        stripe_secret_key=f"sk_sandbox_{secrets.token_hex(16)}",
        stripe_connect_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        stripe_platform_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        token_signing_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
    )
