"""What can go wrong on a person's own machine; every message says what to do."""


class LocalError(Exception):
    """Something local is missing, busy or broken."""


class ServerError(LocalError):
    """The local PostgreSQL cannot be prepared, started or stopped."""


class NodeError(LocalError):
    """There is no usable Node.js and none could be installed."""


class DashboardError(LocalError):
    """The page could not be built; the message ends with what npm said."""


class RoutingError(LocalError):
    """`vercel.json` asks for something that the local server does not do."""


class PortBusy(LocalError):
    """Another program listens on the port."""


class DemoError(LocalError):
    """A step of the demo failed, or its result is not what it should be."""
