"use strict";
(() => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const one = (id) => document.getElementById(id);
  const sheet = document.querySelector(".page");
  const tools = one("tools");
  const rows = all("table.tasks tbody tr");
  const HOUR = 3600e3;

  // Language: the choice is a radio button of the page; what stands in attributes follows it.
  const lang = () => (one("pick-zh").checked ? "zh" : "en");
  const say = (element, slots = {}, prefix = "") => {
    const text = element.dataset[prefix ? prefix + (lang() === "zh" ? "Zh" : "En") : lang()];
    element.textContent = text.replace(/\{(\w+)\}/g, (_, name) => slots[name]);
  };
  const translate = () => {
    document.documentElement.lang = lang() === "zh" ? "zh-CN" : "en";
    all("option[data-zh]").forEach((option) => say(option));
    all("input[data-zh]").forEach((input) => { input.placeholder = input.dataset[lang()]; });
    count();
  };

  // Times left: as the page says them, counted down while it is open.
  const pad = (n) => String(n).padStart(2, "0");
  const span = (length) => {
    const s = Math.floor(Math.abs(length) / 1000);
    const d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600), m = Math.floor((s % 3600) / 60);
    // No break within a time, where a narrow column breaks "over for 3 h".
    if (d) return [`${d}天${h}小时`, `${d}\u00a0d ${h}\u00a0h`];
    if (h) return [`${h}小时${pad(m)}分`, `${h}\u00a0h ${pad(m)}\u00a0min`];
    return m ? [`${m}分`, `${m}\u00a0min`] : [`${s}秒`, `${s}\u00a0s`];
  };
  const put = (element, [zh, en]) => {
    element.replaceChildren(...[["zh", zh], ["en", en]].map(([code, text]) => {
      const part = document.createElement("span");
      part.lang = code;
      part.textContent = text;
      return part;
    }));
  };
  const tick = () => {
    const now = Date.now(), age = now - Number(sheet.dataset.asOf);
    const aged = one("aged"), replay = age > 24 * HOUR;
    aged.hidden = age <= 6 * HOUR;
    aged.classList.toggle("replay", replay);
    all(".age", aged).forEach((element) => put(element, span(age)));
    if (replay || age < 0) return;
    all("time[data-due]").forEach((time) => {
      const left = Number(time.dataset.due) - now, [zh, en] = span(left);
      // A moment lasts its whole second, as everywhere: exactly at it is on time.
      put(time, left <= -1000 ? [`已过 ${zh}`, `over for ${en}`] : [zh, en]);
    });
    const moments = all(".moment"), due = (moment) => Number(moment.querySelector("time").dataset.due);
    const next = moments.find((moment) => due(moment) > now - 1000) || moments.at(-1);
    moments.forEach((moment) => { moment.hidden = moment !== next; });
  };

  // Search and filter: rows that do not fit are hidden, and so are owners without any.
  const text = new Map(rows.map((row) => [row, `${row.textContent} ${row.dataset.product || ""}`.toLowerCase()]));
  const fits = (row, wanted) => wanted.search.every((word) => text.get(row).includes(word)) &&
    (!wanted.owner || row.closest(".owner").dataset.owner === wanted.owner) &&
    ["severity", "kind", "shop"].every((name) => !wanted[name] || row.dataset[name] === wanted[name]);
  const count = () => {
    if (tools) say(one("shown"), {n: rows.filter((row) => !row.hidden).length, all: rows.length});
  };
  const filter = () => {
    const wanted = Object.fromEntries(new FormData(tools));
    wanted.search = wanted.search.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => { row.hidden = !fits(row, wanted); });
    all(".owner").forEach((owner) => { owner.hidden = !owner.querySelector("tbody tr:not([hidden])"); });
    one("none-shown").hidden = rows.some((row) => !row.hidden);
    one("copied").textContent = "";
    count();
  };

  // Copy: every id of an order, or of the orders of a product, that is shown, one a line.
  const copy = async () => {
    const shown = rows.filter((row) => !row.hidden);
    const ids = [...new Set(shown.flatMap((row) => all(".id", row).map((id) => id.textContent.trim())))];
    let done = true;
    try { await navigator.clipboard.writeText(ids.join("\n")); } catch { done = copyByHand(ids.join("\n")); }
    say(one("copied"), {n: ids.length}, done ? "" : "failed");
  };
  const copyByHand = (ids) => {
    const area = document.createElement("textarea");
    area.value = ids;
    tools.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };

  // Sort: by the time that is left, by money as numbers, else by words.
  const key = (row, column, name) => {
    if (name === "left") return row.dataset.left === "" ? Infinity : Number(row.dataset.left);
    if (name === "money") return Number(row.dataset.save || 0);
    return row.cells[column].innerText.trim();
  };
  const sort = (head) => {
    const up = head.getAttribute("aria-sort") !== "ascending", name = head.dataset.sort;
    all("th", head.parentNode).forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    const keyed = [...body.rows].map((row) => [key(row, head.cellIndex, name), row]);
    const compare = (a, b) => (typeof a === "number" ? (a === b ? 0 : a < b ? -1 : 1) : a.localeCompare(b, lang()));
    keyed.sort(([a], [b]) => (up ? compare(a, b) : compare(b, a)));
    body.append(...keyed.map(([, row]) => row));
  };

  // Links: #task=ID shows a task, #owner=, #severity= and #shop= show theirs.
  const follow = () => {
    let [name, value] = ["", ""];
    try { [, name, value] = decodeURIComponent(location.hash).match(/^#(\w+)=(.*)$/s) || ["", "", ""]; } catch { return; }
    rows.forEach((row) => row.classList.remove("target"));
    if (!tools || !name) return;
    if (name === "task" || tools.elements[name]) tools.reset();
    if (name !== "task" && tools.elements[name]) tools.elements[name].value = value;
    filter();
    const row = name === "task" && one(`task=${value}`);
    if (row) {
      row.classList.add("target");
      row.tabIndex = -1;
      row.focus({preventScroll: true});
      row.scrollIntoView({block: "center"});
    } else if (name !== "task") one("work").scrollIntoView();
  };

  if (tools) {
    tools.hidden = false;
    all("th[data-sort]").forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head));
      head.append(button);
    });
    tools.addEventListener("input", filter);
    tools.addEventListener("submit", (event) => event.preventDefault());
    tools.addEventListener("reset", () => setTimeout(filter));
    one("copy").addEventListener("click", copy);
    document.addEventListener("keydown", (event) => {
      const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && !event.target.classList.contains("pick");
      if (event.key === "/" && !typing) { event.preventDefault(); tools.elements.search.focus(); }
      if (event.key === "Escape" && tools.contains(event.target)) tools.reset();
    });
  }
  // Print: everything unfolds, and folds again.
  let folded = [];
  addEventListener("beforeprint", () => { folded = all("details:not([open])"); folded.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));
  addEventListener("hashchange", follow);
  all(".pick").forEach((pick) => pick.addEventListener("change", translate));
  translate();
  follow();
  tick();
  setInterval(tick, 1000);
})();
