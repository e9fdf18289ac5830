// An extension of JupyterLab, written as it is loaded: there is nothing to build.
//
// It opens a notebook at the cell (`#cell-id=...`) or the heading (`#heading=...`) that an address
// names. JupyterLab forgets this part of its address while it starts. The course's home page calls
// `window.mazoezi.open` where JupyterLab is open already.
"use strict";

(() => {
  const first = new URL(location.href);

  function placeIn(address) {
    const [kind, value] = decodeURIComponent(address.hash.slice(1)).split(/=(.*)/s);
    return { path: decodeURIComponent(address.pathname.split("/tree/")[1] ?? ""), kind, value };
  }

  function isIt(cell, { kind, value }) {
    if (kind === "cell-id") return cell.model.id === value;
    const lines = cell.model.type === "markdown" ? cell.model.sharedModel.getSource().split("\n") : [];
    return kind === "heading" && lines.some((line) => line.trim() === `## ${value}`);
  }

  async function open(app, address) {
    const place = placeIn(address);
    if (!place.path) return;
    const panel = await app.commands.execute("docmanager:open", { path: place.path });
    await panel.context.ready;
    await panel.revealed;
    const cell = panel.content.widgets.find((one) => isIt(one, place));
    if (!cell) return;
    panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
    await panel.content.scrollToCell(cell, "start");
  }

  const plugin = {
    id: "mazoezi:open",
    autoStart: true,
    activate: (app) => {
      window.mazoezi = { open: (address) => open(app, address) };
      if (first.hash) app.restored.then(() => open(app, first));
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.mazoezi = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
