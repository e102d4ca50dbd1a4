// The candidate's document: pages with the quotes over them, or the text with the quotes marked.

import { api } from "./api.js";

const WIDTH = 100; // percent of the column at 100 % of zoom

export class Viewer {
  #dossier;
  #files = new Map(); // hash → what the server said of the file
  #places = new Map(); // "hash:start:end" → {page, cadres}
  #quotes = []; // the quotes of the criterion, as {key, hash, start, end, faint}
  #open = "";
  #current = "";
  #mode = "pages";
  #zoom = 100;
  #turn = 0;

  constructor(root, dossier) {
    this.#dossier = dossier;
    this.root = root;
    this.sheets = root.querySelector("#feuilles");
    this.thumbs = root.querySelector("#vignettes");
    this.tabs = [...root.querySelectorAll("[data-fichier]")];
    this.#wire();
  }

  /** The quotes of another criterion; the first one is shown as soon as its place is known. */
  async show(quotes, epreuve, criterion) {
    const turn = ++this.#turn;
    this.#quotes = quotes;
    this.#current = "";
    const first = quotes[0];
    if (!this.#open || (first && first.hash !== this.#open)) {
      await this.open(first?.hash ?? this.tabs[0]?.dataset.fichier);
    }
    this.#draw();
    if (first && this.#mode === "texte") {
      this.#goto(first.key);
    }
    const path = `/api/dossier/${encodeURIComponent(this.#dossier)}/${encodeURIComponent(epreuve)}`;
    const found = await api("GET", `${path}/places?critere=${encodeURIComponent(criterion)}`);
    if (turn !== this.#turn) {
      return; // another criterion is on the screen already
    }
    for (const [key, place] of Object.entries(found)) {
      this.#places.set(key, place);
    }
    this.#draw();
    if (first) {
      this.#goto(this.#current || first.key);
    }
  }

  /** Show one quote where it stands. */
  async reveal(quote) {
    this.#current = quote.key;
    if (quote.hash !== this.#open) {
      await this.open(quote.hash);
    }
    this.#draw();
    this.#goto(quote.key);
  }

  async open(hash) {
    if (!hash) {
      return;
    }
    this.#open = hash;
    for (const tab of this.tabs) {
      const own = tab.dataset.fichier === hash;
      tab.setAttribute("aria-selected", String(own));
      tab.tabIndex = own ? 0 : -1;
    }
    if (!this.#files.has(hash)) {
      this.sheets.replaceChildren(message("Ouverture du fichier…"));
      this.thumbs.replaceChildren();
      const path = `/api/dossier/${encodeURIComponent(this.#dossier)}/fichier/${hash}`;
      try {
        const text = await api("GET", path);
        this.#files.set(hash, { ...text, pages: [], note: "Mise en page en cours…" });
        this.#paginate(hash, path);
      } catch (error) {
        this.sheets.replaceChildren(message(error.message));
        return;
      }
    }
    if (this.#open === hash) {
      this.#build();
    }
  }

  /** The text is there at once; the pages take its place when they are laid out. */
  async #paginate(hash, path) {
    const file = this.#files.get(hash);
    try {
      Object.assign(file, await api("GET", `${path}/pages`));
    } catch (error) {
      file.note = error.message;
    }
    if (this.#open === hash) {
      this.#build();
      this.#draw();
      if (this.#current || this.#quotes.length) {
        this.#goto(this.#current || this.#quotes[0].key);
      }
    }
  }

  toggle() {
    this.#setMode(this.#mode === "pages" ? "texte" : "pages");
  }

  zoom(step) {
    this.#zoom = step ? Math.min(Math.max(this.#zoom + step, 50), 300) : 100;
    this.root.querySelector("#zoom").textContent = `${this.#zoom}\u00a0%`;
    this.root.style.setProperty("--zoom", `${(WIDTH * this.#zoom) / 100}%`);
    this.root.style.setProperty("--zoom-texte", `${this.#zoom / 100}rem`);
  }

  #wire() {
    const on = (id, act) => this.root.querySelector(id).addEventListener("click", act);
    on("#vue-pages", () => this.#setMode("pages"));
    on("#vue-texte", () => this.#setMode("texte"));
    on("#zoom-moins", () => this.zoom(-25));
    on("#zoom-plus", () => this.zoom(25));
    on("#vignettes-bouton", (event) => {
      const shown = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(shown));
      this.thumbs.hidden = !shown;
    });
    this.tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => this.#choose(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step) {
          const next = this.tabs[(index + step + this.tabs.length) % this.tabs.length];
          next.focus();
          this.#choose(next);
        }
      });
    });
  }

  async #choose(tab) {
    await this.open(tab.dataset.fichier);
    this.#draw();
  }

  #setMode(mode) {
    this.#mode = mode;
    for (const name of ["pages", "texte"]) {
      this.root.querySelector(`#vue-${name}`).setAttribute("aria-pressed", String(name === mode));
    }
    this.#build();
    this.#draw();
    if (this.#current) {
      this.#goto(this.#current);
    }
  }

  #build() {
    const file = this.#files.get(this.#open);
    if (!file) {
      return;
    }
    const note = this.root.querySelector("#doc-note");
    note.textContent = file.note;
    note.hidden = !file.note || (this.#mode === "texte" && file.pages.length > 0); // it tells of the pages
    this.thumbs.replaceChildren();
    this.sheets.scrollTop = 0;
    if (this.#mode === "texte" || file.pages.length === 0) {
      this.sheets.innerHTML = file.texte; // escaped by the server's template
      return;
    }
    this.sheets.replaceChildren(...file.pages.map((size, index) => this.#page(file, size, index)));
    this.thumbs.replaceChildren(
      ...file.pages.map((size, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-label", `Page ${index + 1}`);
        button.append(this.#image(size, index, ""), document.createTextNode(String(index + 1)));
        button.addEventListener("click", () =>
          this.sheets.children[index].scrollIntoView({ block: "start" }),
        );
        return button;
      }),
    );
  }

  #page(file, size, index) {
    const page = document.createElement("div");
    page.className = "page";
    page.dataset.page = String(index + 1);
    page.append(this.#image(size, index, `Page ${index + 1} de ${file.nom}`));
    return page;
  }

  #image([width, height], index, alt) {
    const image = document.createElement("img");
    image.loading = "lazy";
    image.alt = alt;
    image.width = width;
    image.height = height;
    image.style.aspectRatio = `${width} / ${height}`;
    image.addEventListener("load", () => {
      image.style.aspectRatio = `${image.naturalWidth} / ${image.naturalHeight}`;
    });
    const dossier = encodeURIComponent(this.#dossier);
    image.src = `/dossier/${dossier}/fichier/${this.#open}/page/${index + 1}.png`;
    return image;
  }

  #draw() {
    for (const old of this.sheets.querySelectorAll(".cadre")) {
      old.remove();
    }
    for (const mark of this.sheets.querySelectorAll("mark")) {
      mark.replaceWith(...mark.childNodes);
    }
    this.sheets.querySelectorAll(".bloc").forEach((block) => block.normalize());
    const drawn = new Set(); // several attendus may cite the same words
    const here = [];
    for (const quote of this.#quotes) {
      const shown = !quote.faint || quote.key === this.#current;
      if (quote.hash === this.#open && shown && !drawn.has(quote.key)) {
        drawn.add(quote.key);
        this.#frames(quote);
        here.push(quote);
      }
    }
    this.#marks(here);
  }

  #frames(quote) {
    const place = this.#places.get(quote.key);
    const page = place?.page && this.sheets.querySelector(`.page[data-page="${place.page}"]`);
    if (!page) {
      return;
    }
    for (const [left, top, right, bottom] of place.cadres) {
      const frame = document.createElement("span");
      frame.className = "cadre";
      frame.dataset.cle = quote.key;
      frame.classList.toggle("vise", quote.key === this.#current);
      frame.style.left = `${left * 100}%`;
      frame.style.top = `${top * 100}%`;
      frame.style.width = `${(right - left) * 100}%`;
      frame.style.height = `${(bottom - top) * 100}%`;
      page.append(frame);
    }
  }

  /** Each block is cut wherever a quote starts or ends: quotes may touch or overlap. */
  #marks(quotes) {
    for (const block of this.sheets.querySelectorAll(".bloc")) {
      const [start, end] = [Number(block.dataset.debut), Number(block.dataset.fin)];
      const within = quotes.filter((quote) => start < quote.end && end > quote.start);
      if (!within.length) {
        continue;
      }
      // Offsets count characters, not the halves of UTF-16.
      const letters = Array.from(block.textContent);
      const kept = (offset) => Math.min(Math.max(offset - start, 0), letters.length);
      const ends = within.flatMap((quote) => [kept(quote.start), kept(quote.end)]);
      const cuts = [...new Set([0, ...ends, letters.length])].sort((one, two) => one - two);
      const pieces = cuts.slice(1).map((to, index) => {
        const from = cuts[index];
        const over = within.filter((q) => kept(q.start) <= from && to <= kept(q.end));
        return this.#piece(letters.slice(from, to).join(""), over);
      });
      block.replaceChildren(...pieces);
    }
  }

  /** A piece of a block, marked for the quote one looks at, else for the first that holds it. */
  #piece(words, quotes) {
    if (!quotes.length) {
      return words;
    }
    const mark = document.createElement("mark");
    mark.dataset.cle = (quotes.find((q) => q.key === this.#current) ?? quotes[0]).key;
    mark.classList.toggle("vise", mark.dataset.cle === this.#current);
    mark.textContent = words;
    return mark;
  }

  #goto(key) {
    const target =
      this.sheets.querySelector(`[data-cle="${CSS.escape(key)}"]`) ?? this.#pageOf(key);
    if (target) {
      // The document alone scrolls: on a narrow screen the page stays on the criterion.
      const [there, box] = [target.getBoundingClientRect(), this.sheets.getBoundingClientRect()];
      const margin = Math.max((box.height - there.height) / 2, 0);
      this.sheets.scrollTo({ top: this.sheets.scrollTop + there.top - box.top - margin });
    }
  }

  #pageOf(key) {
    const place = this.#places.get(key);
    return place?.page ? this.sheets.querySelector(`.page[data-page="${place.page}"]`) : null;
  }
}

function message(text) {
  const line = document.createElement("p");
  line.className = "aide";
  line.textContent = text;
  return line;
}
