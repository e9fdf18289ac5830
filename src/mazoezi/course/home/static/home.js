// The page works without this file: it saves reloading, pressing buttons and opening JupyterLab twice.
"use strict";

const EVERY = 2000; // milliseconds between two looks for news
const SEARCH_AFTER = 200; // milliseconds without a key

// --- News: parts marked `data-live` are replaced when they differ from what the server now says ----

let stamp = document.querySelector("meta[name=stamp]")?.content; // the ETag of what is shown

async function look() {
  if (document.hidden) return;
  const headers = stamp ? { "If-None-Match": stamp } : {};
  try {
    const answer = await fetch(location.pathname, { headers, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      tell("The server asks for its token again: open the address that `mazoezi start` printed.");
    } else if (answer.ok) {
      stamp = answer.headers.get("ETag");
      renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
      tell("");
    } else if (answer.status === 304) {
      tell("");
    }
  } catch {
    tell("The course's server does not answer. Start it again with `mazoezi start`.");
  }
}

function tell(text) {
  const place = document.getElementById("connection");
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
}

function renew(news) {
  for (const fresh of news.querySelectorAll("[data-live]")) {
    const shown = document.getElementById(fresh.id);
    if (!shown) {
      location.reload(); // the course itself has changed
      return;
    }
    if (shown.innerHTML === fresh.innerHTML) continue;
    const focused = shown.contains(document.activeElement) && document.activeElement.getAttribute("href");
    shown.innerHTML = fresh.innerHTML;
    if (focused) shown.querySelector(`a[href="${CSS.escape(focused)}"], a`)?.focus();
  }
}

async function keepLooking() {
  await look();
  setTimeout(keepLooking, EVERY);
}

// --- Search as you type ------------------------------------------------------------------------------

let waiting;

function searchSoon(field) {
  clearTimeout(waiting);
  waiting = setTimeout(() => search(field.value.trim()), SEARCH_AFTER);
}

async function search(words) {
  const address = words ? `${location.pathname}?q=${encodeURIComponent(words)}` : location.pathname;
  const answer = await fetch(address, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok || words !== document.getElementById("q").value.trim()) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  const results = document.getElementById("results");
  results.innerHTML = found.getElementById("results").innerHTML;
  document.getElementById("found").textContent = results.querySelector("h2")?.textContent ?? "";
  history.replaceState(null, "", address);
}

// --- One JupyterLab: where it is open already, it goes to the place without loading anew -------------

function openInLab(event) {
  const link = event.target.closest("a.lab");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const lab = window.open("", link.target);
  try {
    if (!lab?.mazoezi) return; // it is not open: the link itself opens it
    lab.mazoezi.open(new URL(link.href));
  } catch {
    return; // the tab went elsewhere
  }
  event.preventDefault();
  lab.focus();
}

document.addEventListener("click", openInLab);
document.getElementById("settings")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
if (document.getElementById("q")) {
  document.getElementById("q").addEventListener("input", (event) => searchSoon(event.target));
  document.addEventListener("visibilitychange", look);
  keepLooking();
}
