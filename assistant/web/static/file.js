// The queue: filter, sort and walk through it, with the keyboard alone.

import { api } from "./api.js";

const table = document.getElementById("file");
if (table) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({
    row,
    text: row.textContent.toLocaleLowerCase("fr"),
    reasons: row.dataset.raisons.split(" "),
  }));
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
    let shown = 0;
    for (const { row, text, reasons } of rows) {
      const kept =
        words.every((word) => text.includes(word)) &&
        (wanted.length === 0 || wanted.includes(row.dataset.etat)) &&
        (!reason.value || reasons.includes(reason.value)) &&
        (!mine.checked || "mien" in row.dataset);
      row.hidden = !kept;
      shown += kept;
    }
    document.getElementById("compte").textContent =
      shown === rows.length ? `${shown} épreuves` : `${shown} sur ${rows.length}`;
    document.getElementById("aucun").hidden = shown > 0;
    remember();
  }

  function sort(name, descending) {
    const key = keys[name];
    rows.sort((a, b) => {
      const [x, y] = [key(a.row), key(b.row)];
      const order = typeof x === "number" ? x - y : compare(x, y);
      return descending ? -order : order;
    });
    body.append(...rows.map(({ row }) => row));
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

  function move(step) {
    const links = rows.filter(({ row }) => !row.hidden).map(({ row }) => row.querySelector("a"));
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  }

  search.form.addEventListener("input", filter);
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
