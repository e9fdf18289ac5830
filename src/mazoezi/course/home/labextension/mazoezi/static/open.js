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
    await show(panel.content, cell);
  }

  // JupyterLab draws a notebook's cells one after the other, from the top and at leisure. We draw
  // those around the place at once, and scroll there until it stays or the reader takes over.
  let latest = 0; // of the places asked for

  async function show(notebook, cell) {
    const mine = ++latest;
    await drawAround(notebook, notebook.widgets.indexOf(cell));
    let taken = false;
    const take = () => (taken = true);
    const acts = ["wheel", "keydown", "pointerdown"];
    acts.forEach((act) => notebook.node.addEventListener(act, take, { once: true }));
    for (let calm = 0, turn = 0; calm < 20 && turn < 100 && !taken && mine === latest; turn++) {
      const off = topOf(cell.node) - topOf(notebook.outerNode);
      calm = off >= 0 && off < 80 ? calm + 1 : 0;
      if (!calm) cell.node.scrollIntoView({ block: "start" });
      await new Promise((done) => setTimeout(done, 80));
    }
    acts.forEach((act) => notebook.node.removeEventListener(act, take));
  }

  async function drawAround(notebook, place) {
    for (let i = Math.max(0, place - 2); i < Math.min(place + 12, notebook.widgets.length); i++) {
      const cell = notebook.widgets[i];
      if (cell.node.isConnected || !cell.isPlaceholder()) continue;
      cell.dataset.windowedListIndex = `${i}`;
      notebook.layout.insertWidget(i, cell);
      await cell.ready;
    }
  }

  const topOf = (node) => node.getBoundingClientRect().top;

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
