(() => {
"use strict";
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const reveal = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const below = target.querySelector(":scope > details");
  if (below) below.open = true;
  target.scrollIntoView();
};
const copy = button => {
  const text = button.parentElement.querySelector("pre");
  const select = () => getSelection().selectAllChildren(text);
  const done = () => { button.textContent = "Copied"; };
  if (!navigator.clipboard) return select();
  navigator.clipboard.writeText(text.textContent + "\n").then(done, select);
};
all(".copy > button").forEach(button => {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
});
const form = document.getElementById("filter");
const field = name => form.elements[name];
const rules = all("details.rule").map(rule => ({
  rule, data: rule.dataset, groups: all("tbody", rule).map(body => ({ body, rows: null }))
}));
const total = rules.flatMap(one => one.groups).reduce((sum, one) => sum + Number(one.body.dataset.n), 0);
const boxes = () => Array.from(form.querySelectorAll("[name=severity]"));
const lower = node => node.textContent.toLowerCase();
const searched = (group, words) => {
  group.rows = group.rows || all("tr:not(.head)", group.body).map(row => ({ row, text: lower(row) }));
  let shown = 0;
  for (const { row, text } of group.rows) {
    row.hidden = !words.every(word => text.includes(word));
    if (!row.hidden && row.className !== "more") shown += 1;
  }
  return shown;
};
const unsearched = group => {
  if (group.rows) group.rows.forEach(one => { one.row.hidden = false; });
  return Number(group.body.dataset.n);
};
const apply = () => {
  const words = field("q").value.toLowerCase().split(/\s+/).filter(Boolean);
  const severities = boxes().filter(box => box.checked).map(box => box.value);
  const [area, level, cluster] = ["area", "level", "cluster"].map(name => field(name).value);
  let count = 0;
  for (const { rule, data, groups } of rules) {
    const fits = severities.includes(data.severity) && (!area || data.area === area) && (!level || data.level === level);
    const named = words.length && words.every(word => (lower(rule.querySelector("summary")) + " " + rule.id).includes(word));
    let here = 0;
    if (fits) for (const group of groups) {
      const wanted = !cluster || group.body.dataset.c === cluster;
      const shown = !wanted ? 0 : words.length && !named ? searched(group, words) : unsearched(group);
      group.body.hidden = !shown;
      here += shown;
    }
    rule.hidden = !here;
    count += here;
  }
  all(".cluster, .fleet tbody tr").forEach(one => { one.hidden = cluster !== "" && one.dataset.c !== cluster; });
  field("count").textContent = count + " of " + total + " findings";
};
const write = () => {
  const query = new URLSearchParams();
  for (const name of ["q", "area", "level", "cluster"]) if (field(name).value) query.set(name, field(name).value);
  const off = boxes().filter(box => !box.checked).map(box => box.value);
  if (off.length) query.set("without", off.join(" "));
  const hash = String(query);
  history.replaceState(null, "", hash ? "#?" + hash : location.pathname + location.search);
};
const read = () => {
  const query = new URLSearchParams(location.hash.slice(2));
  for (const name of ["q", "area", "level", "cluster"]) field(name).value = query.get(name) || "";
  const off = (query.get("without") || "").split(" ");
  boxes().forEach(box => { box.checked = !off.includes(box.value); });
};
const go = () => {
  if (!location.hash.startsWith("#?")) return reveal();
  if (form) { read(); apply(); }
};
if (form) {
  form.hidden = false;
  form.addEventListener("input", () => { apply(); write(); });
  form.addEventListener("submit", event => event.preventDefault());
  const open = state => () => rules.forEach(one => { if (!one.rule.hidden) one.rule.open = state; });
  field("open").addEventListener("click", open(true));
  field("close").addEventListener("click", open(false));
  apply();
}
addEventListener("hashchange", go);
go();
})();
