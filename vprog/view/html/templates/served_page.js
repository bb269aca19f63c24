// What a page asks of the server it comes from: search, questions, changed lines, audits, looks.
const address = (...parts) => "/" + parts.map(encodeURIComponent).join("/") + "?token=" + encodeURIComponent(data.api);
async function ask(url, body) {
  const reply = await fetch(url, body === undefined ? {} : {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  const told = await reply.json();
  if (!reply.ok) throw new Error(told.error?.message || reply.statusText);
  return told;
}
/* Begins a job, tells how far it is, and gives what came of it. */
async function carryOut(place, url, body) {
  const line = make("p", {class: "job", role: "status"}, "begun");
  place.append(line);
  try {
    const {job} = await ask(url, body);
    for (;;) {
      const told = await ask(address("job", job));
      if (told.error) throw new Error(`${told.error.message} ${told.error.hint}`);
      if (told.over) { line.remove(); return told.result; }
      line.textContent = `${told.progress} …`;
      await new Promise((wake) => setTimeout(wake, 300));
    }
  } catch (error) {
    line.textContent = error.message;
    line.classList.add("bad");
    return null;
  }
}
const link = (text, ...parts) => make("a", {href: address(...parts)}, text);
function outcome(result) {
  const said = result.status === "answered" ? `answer: ${result.answer}` : `${result.status}: ${result.why}`;
  return make("p", {class: "job", role: "status"}, said, "  ", link("open", "run", result.run), "  ",
    data.run ? link("side by side", "compare", data.run, result.run) : null);
}

// ------------------------------------------------------------------ search over the folder

const hits = make("ul", {class: "hits", "aria-label": "runs found"});
const field = make("input", {type: "search", placeholder: "search all runs  ( / )", "aria-label": "search all runs"});
let latest = 0;
async function find() {
  const number = ++latest;
  if (!field.value.trim() && data.run) { hits.replaceChildren(); return; }
  const url = address("search") + "&q=" + encodeURIComponent(field.value);
  const told = await ask(url).catch((error) => ({hits: [], problem: error.message}));
  if (number !== latest) return;
  hits.replaceChildren(...told.hits.map((hit) => make("li", {}, link(hit.question, "run", hit.run),
    make("div", {class: "key"}, `${hit.answer ? hit.answer + " · " : ""}${hit.videos.join(", ")} · ${hit.status} · ${hit.run}`,
      data.run && hit.run !== data.run ? " · " : null, data.run && hit.run !== data.run ? link("side by side", "compare", data.run, hit.run) : null),
    hit.passage ? make("div", {class: "key"}, hit.passage) : null)));
  if (!told.hits.length) hits.append(make("li", {role: "status"}, told.problem || "no run has all of these words"));
}
field.addEventListener("input", () => { clearTimeout(find.timer); find.timer = setTimeout(find, 200); });

// ------------------------------------------------------------------ a question to all files of a folder

/* Asks the index of a folder, and puts what it answers below the place. */
async function askFolder(place, folder, question) {
  place.querySelectorAll(".folder").forEach((before) => before.remove());
  const told = await carryOut(place, address("folder"), {folder, question});
  if (!told) return;
  place.append(make("section", {class: "folder", role: "status", "aria-label": "answer from the folder"},
    ...told.lines.map((line) => make("p", {}, line)),
    make("ul", {class: "hits"}, ...told.answers.map((row) => make("li", {}, row.run ? link(row.file, "run", row.run) : row.file, `: ${row.text}`))),
    ...told.left_out.map((line) => make("p", {class: "key"}, line))));
}
const knownFolders = () => ask(address("folders") + "&run=" + encodeURIComponent(data.run)).then((told) => told.folders, () => []);
/* The box of the page of all runs. */
async function onRuns() {
  const folder = make("input", {type: "text", list: "vprog-folders", placeholder: "folder that vprog index has read", "aria-label": "folder"});
  const box = make("input", {type: "text", placeholder: "ask over all its files", "aria-label": "a question to the folder"});
  const names = make("datalist", {id: "vprog-folders"});
  const bar = make("form", {class: "live", "aria-label": "ask a folder"}, folder, box, names, make("button", {type: "submit"}, "Ask"));
  bar.addEventListener("submit", (event) => { event.preventDefault(); if (box.value.trim()) askFolder(bar, folder.value, box.value); });
  page.querySelector("header").after(bar, make("div", {class: "live"}, field, hits));
  const known = await knownFolders();
  names.append(...known.map((name) => make("option", {value: name})));
  if (known.length) folder.value = known.at(-1);
}

// ------------------------------------------------------------------ a run

function onRun() {
  const box = make("input", {type: "text", placeholder: "ask something else about this video", "aria-label": "a new question"});
  const over = make("select", {"aria-label": "what is asked"}, make("option", {value: ""}, "this video"));
  const bar = make("form", {class: "live", "aria-label": "search and ask"}, field, box, over, make("button", {type: "submit"}, "Ask"), hits);
  over.hidden = true;
  knownFolders().then((known) => {
    over.append(...known.map((name) => make("option", {value: name}, `all files in ${name.split("/").pop()}`)));
    over.hidden = !known.length;
  });
  bar.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (document.activeElement === field || !box.value.trim()) { find(); return; }
    if (over.value) { askFolder(bar, over.value, box.value); return; }
    const result = await carryOut(bar, address("ask", data.run), {question: box.value});
    if (result && result.run) location.href = address("run", result.run);
  });
  page.querySelector("header").before(bar);

  const results = make("div", {class: "live"});
  const audit = make("button", {type: "button", onclick: async () => {
    results.replaceChildren();
    const told = await carryOut(results, address("audit", data.run), {});
    if (!told) return;
    results.append(make("p", {class: "job", role: "status"}, make("b", {}, told.verdict)), make("table", {class: "cards"},
      make("tr", {}, ...["condition", "answer", "the same", "run"].map((text) => make("th", {}, text))),
      ...told.ablations.map((row) => make("tr", {}, make("td", {"data-name": "condition"}, row.what), make("td", {"data-name": "answer"}, row.answer),
        make("td", {"data-name": "the same"}, row.same === null ? "unknown" : row.same ? "yes" : "no"),
        make("td", {"data-name": "run"}, row.run ? link("open", "run", row.run) : "")))));
  }}, "Does the answer rest on its evidence? Audit");
  const picture = make("a", {href: "#", onclick: () => { picture.href = address("frame", data.run, state.video) + "&time=" + state.time; }, target: "_blank"}, "this picture in full size");
  root.after(make("p", {class: "links"}, link("all runs", ""), link("JSON", "model", data.run),
    data.videos[state.video].width ? picture : null, data.status === "answered" ? audit : null), results);

  for (const line of page.querySelectorAll(".program .row")) {
    const source = line.querySelector(".text").textContent;
    if (!source.trim()) continue;
    const edit = make("button", {type: "button", "aria-label": `edit line ${line.dataset.line}`, onclick: () => {
      if (line.querySelector(".edit")) { line.querySelector(".edit").remove(); return; }
      const text = make("textarea", {rows: 2, "aria-label": `line ${line.dataset.line}`, spellcheck: "false"});
      text.value = source;
      const form = make("div", {class: "edit"}, text, make("button", {type: "button", onclick: async () => {
        const result = await carryOut(form, address("change", data.run),
          {cell: Number(line.dataset.cell), line: Number(line.dataset.line), text: text.value});
        if (result) put(form, outcome(result), make("p", {class: "key"}, `${result.replayed} calls from the recording, ${result.ran} made`));
      }}, "Run on from here"));
      line.append(form);
      text.focus();
    }}, "edit");
    const place = line.querySelector(".do") || line.insertBefore(make("div", {class: "do"}), line.firstChild);
    place.append(edit);
  }
  for (const call of page.querySelectorAll("tr[data-step]"))
    call.lastElementChild.append(" ", link("JSON", "step", data.run, call.dataset.step));
  onFaint();
}
/* Looks again at this picture with a cut so low that what was nearly found is found. */
function onFaint() {
  if (!data.videos[state.video].width) return;
  const cited = player.things.find((thing) => thing.is_cited) || player.things[0];
  const label = make("input", {type: "text", value: cited && cited.kind !== "TextLine" ? cited.label : "person", "aria-label": "what to look for", size: 12});
  const place = make("div", {class: "live faint"});
  put(place, label, make("button", {type: "button", onclick: async () => {
    const [time, video] = [state.time, state.video];
    film.pause();
    const told = await carryOut(place, address("look", data.run), {video, time, label: label.value});
    if (!told) return;
    if (told.status !== "answered") { place.append(outcome(told)); return; }
    const there = thingsAt(time).filter((item) => item.thing.is_cited);
    const fresh = told.faint.filter((seen) => !there.some((item) => shared(item.box, seen.box) > 0.3))
      .sort((a, b) => b.score - a.score).slice(0, 12);
    for (const seen of fresh) {
      const index = player.things.push({...seen, video, kind: "Faint", line: null, task: "look", is_cited: false, times: [time], boxes: [seen.box], scores: [seen.score]}) - 1;
      const text = `${clock(time)} ${seen.label}, found below the cut`;
      near.set(index, {thing: index, time, text});
      misses.append(row("near", "?", text, seen.score, () => { state.hit = index; film.pause(); seek(time, video); }));
    }
    tellFaint(place, fresh.length, told, time);
    seek(time, video);
  }}, "Look below the cut here"));
  misses.after(place);
}
function tellFaint(place, count, told, time) {
  place.append(make("p", {class: "job", role: "status"}, count
    ? `${count} more at ${clock(time)} with a score from ${told.least}: dim, maybe nothing. `
    : `Nothing else at ${clock(time)}, down to a score of ${told.least}. `, link("that run", "run", told.run)));
}

if (data.player) onRun();
else if (!data.pair) {
  onRuns();
  find();
  addEventListener("keydown", (event) => { if (event.key === "/" && document.activeElement !== field) { event.preventDefault(); field.focus(); } });
}
