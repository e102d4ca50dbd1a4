// The queue: filter, sort and walk through it, with the keyboard alone.

import { api } from "./api.js";

const table = document.getElementById("file");
if (table) {
  const body = table.tBodies[0];
  const rest = document.getElementById("reste")?.content.querySelectorAll("tbody > tr") ?? [];
  const rows = [...body.rows, ...rest];
  const texts = new Map(); // read when they are first searched
  const more = document.getElementById("suite");
  const step = Number(more.dataset.pas);
  let kept = rows;
  let limit = step;
  const search = document.getElementById("cherche");
  const reason = document.getElementById("raison");
  const mine = document.getElementById("miens");
  const states = [...document.querySelectorAll('input[name="etat"]')];
  const memory = "preuve.file";

  const cell = (row, index) => row.cells[index].textContent.trim();
  const keys = {
    dossier: (row) => cell(row, 0),
    epreuve: (row) => cell(row, 1),
    etat: (row) => states.findIndex((s) => s.value === row.dataset.etat),
    reste: (row) => Number(row.dataset.reste),
    alertes: (row) => -Number(row.dataset.alertes),
    tenu: (row) => cell(row, 5) || "\uffff",
  };
  const compare = new Intl.Collator("fr", { numeric: true }).compare;

  function filter() {
    const words = search.value.toLocaleLowerCase("fr").split(/\s+/).filter(Boolean);
    const wanted = states.filter((s) => s.checked).map((s) => s.value);
    kept = rows.filter(
      (row) =>
        words.every((word) => textOf(row).includes(word)) &&
        (wanted.length === 0 || wanted.includes(row.dataset.etat)) &&
        (!reason.value || row.dataset.raisons.split(" ").includes(reason.value)) &&
        (!mine.checked || "mien" in row.dataset),
    );
    const found = kept.length;
    document.getElementById("compte").textContent =
      found === rows.length ? `${found} épreuves` : `${found} sur ${rows.length}`;
    document.getElementById("aucun").hidden = found > 0;
    limit = step;
    show();
    remember();
  }

  function textOf(row) {
    if (!texts.has(row)) {
      texts.set(row, row.textContent.toLocaleLowerCase("fr"));
    }
    return texts.get(row);
  }

  /** Lay out the first lines only: hundreds at once are slow, and nobody reads them. */
  function show() {
    const wanted = kept.slice(0, limit);
    if (wanted.length !== body.rows.length || wanted.some((row, i) => row !== body.rows[i])) {
      const focused = document.activeElement;
      body.replaceChildren(...wanted);
      if (body.contains(focused)) {
        focused.focus();
      }
    }
    const left = kept.length - wanted.length;
    more.parentElement.hidden = left <= 0;
    more.textContent = `Montrer la suite (${left} épreuve${left > 1 ? "s" : ""})`;
  }

  function sort(name, descending) {
    const key = keys[name];
    rows.sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const order = typeof x === "number" ? x - y : compare(x, y);
      return descending ? -order : order;
    });
    for (const button of table.querySelectorAll("[data-tri]")) {
      const own = button.dataset.tri === name;
      const order = own ? (descending ? "descending" : "ascending") : "none";
      button.closest("th").setAttribute("aria-sort", order);
    }
    remember();
  }

  function remember() {
    const sorted = table.querySelector('th[aria-sort$="ending"]');
    sessionStorage.setItem(
      memory,
      JSON.stringify({
        search: search.value,
        reason: reason.value,
        mine: mine.checked,
        states: states.filter((s) => s.checked).map((s) => s.value),
        sort: sorted?.querySelector("button").dataset.tri,
        descending: sorted?.getAttribute("aria-sort") === "descending",
      }),
    );
  }

  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(memory) ?? "{}");
    search.value = kept.search ?? "";
    reason.value = kept.reason ?? "";
    mine.checked = kept.mine ?? false;
    states.forEach((s) => (s.checked = (kept.states ?? []).includes(s.value)));
    if (kept.sort) {
      sort(kept.sort, kept.descending);
    }
    filter();
  }

  function move(by) {
    const at = [...body.rows].findIndex((row) => row.contains(document.activeElement));
    if (at + by >= limit && limit < kept.length) {
      limit += step;
      show();
    }
    const links = [...body.rows].map((row) => row.querySelector("a"));
    links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
  }

  search.form.addEventListener("input", filter);
  more.addEventListener("click", () => {
    const first = limit;
    limit += step;
    show();
    body.rows[first]?.querySelector("a").focus();
  });
  search.form.addEventListener("submit", (event) => {
    event.preventDefault();
    move(1);
  });
  document.getElementById("tout").addEventListener("click", () => {
    search.form.reset();
    filter();
    search.focus();
  });
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tri]");
    if (button) {
      const ascending = button.closest("th").getAttribute("aria-sort") === "ascending";
      sort(button.dataset.tri, ascending);
      filter();
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input[type=search], select");
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (typing && event.key === "ArrowDown" && event.target === search) {
      event.preventDefault();
      move(1);
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (!typing && (event.key === "j" || event.key === "k")) {
      move(event.key === "j" ? 1 : -1);
    }
  });
  restore();
}

const blind = document.getElementById("aveugle");
blind?.addEventListener("change", async () => {
  await api("PUT", "/api/preference", { aveugle: blind.checked });
  location.reload();
});
