"""The home page: a Jupyter Server extension that shows the course, and where the learner stands.

`mazoezi start` opens it. It shares JupyterLab's server, origin and token.
"""

from typing import Any

NAME = "mazoezi"  # the page's address, below the server's own


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "mazoezi.course.home"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the page to a server that `mazoezi start` runs; elsewhere there is no workspace."""
    from mazoezi.course.home import _view
    from mazoezi.course.home._handlers import routes
    from mazoezi.course.home._home import Home
    from mazoezi.course.workspace import find_workspace

    workspace = find_workspace()
    if workspace is None:
        server.log.warning("mazoezi's home page needs a workspace: run `mazoezi start`.")
        return
    home = Home(workspace.folder)
    base = server.web_app.settings["base_url"]
    _view.page(home, home.course(), home.progress(), base)  # so that the first one finds all read
    server.web_app.add_handlers(".*$", routes(base, home))
