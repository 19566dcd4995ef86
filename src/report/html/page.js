(() => {
"use strict";
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const reveal = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (form && target.closest("[hidden]")) { form.reset(); apply(); }
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  const below = target.querySelector(":scope > details");
  if (below) below.open = true;
  target.scrollIntoView();
};
const copy = button => {
  const pre = button.parentElement.querySelector("pre");
  const select = () => getSelection().selectAllChildren(pre);
  if (!navigator.clipboard) return select();
  navigator.clipboard.writeText(pre.textContent).then(() => { button.textContent = "Copied"; }, select);
};
for (const button of all(".copy > button")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
const form = document.getElementById("filter");
if (!form) { addEventListener("hashchange", reveal); return reveal(); }
const field = name => form.elements[name];
const names = ["q", "area", "level", "cluster"];
const boxes = all("[name=severity]", form);
const lower = node => node.textContent.toLowerCase();
const rules = all("details.rule").map(rule => ({
  rule, data: rule.dataset, groups: all("tbody", rule).map(body => ({ body, count: +body.dataset.n }))
}));
const total = rules.flatMap(one => one.groups).reduce((sum, one) => sum + one.count, 0);
const matching = (group, words) => {
  if (!words.length && !group.rows) return group.count;
  group.rows = group.rows || all("tr:not(.head)", group.body).map(row => ({ row, text: lower(row) }));
  let shown = 0;
  for (const { row, text } of group.rows) {
    row.hidden = !words.every(word => text.includes(word));
    if (!row.hidden && row.className !== "more") shown += 1;
  }
  return words.length ? shown : group.count;
};
const apply = () => {
  const [q, area, level, cluster] = names.map(name => field(name).value);
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const severities = boxes.filter(box => box.checked).map(box => box.value);
  let count = 0;
  for (const { rule, data, groups } of rules) {
    const fits = severities.includes(data.severity) && (!area || data.area === area) && (!level || data.level === level);
    const title = lower(rule.querySelector("summary")) + " " + rule.id;
    const sought = words.every(word => title.includes(word)) ? [] : words;
    let here = 0;
    for (const group of fits ? groups : []) {
      const shown = !cluster || group.body.dataset.c === cluster ? matching(group, sought) : 0;
      group.body.hidden = !shown;
      here += shown;
    }
    rule.hidden = !here;
    count += here;
  }
  for (const one of all(".cluster, .fleet tbody tr")) one.hidden = cluster !== "" && one.dataset.c !== cluster;
  field("count").textContent = count + " of " + total + " findings";
};
const keep = () => {
  const query = new URLSearchParams();
  for (const name of names) if (field(name).value) query.set(name, field(name).value);
  const off = boxes.filter(box => !box.checked).map(box => box.value);
  if (off.length) query.set("without", off.join(" "));
  history.replaceState(null, "", "#?" + query);
};
const go = () => {
  if (!location.hash.startsWith("#?")) return reveal();
  const query = new URLSearchParams(location.hash.slice(2));
  for (const name of names) field(name).value = query.get(name) || "";
  const off = (query.get("without") || "").split(" ");
  for (const box of boxes) box.checked = !off.includes(box.value);
  apply();
};
form.hidden = false;
form.addEventListener("input", () => { apply(); keep(); });
form.addEventListener("submit", event => event.preventDefault());
const open = state => () => rules.forEach(one => { if (!one.rule.hidden) one.rule.open = state; });
field("open").addEventListener("click", open(true));
field("close").addEventListener("click", open(false));
apply();
addEventListener("hashchange", go);
go();
})();
