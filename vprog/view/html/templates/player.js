// The player of a run: the video with what modules found in it, lanes over its time, keys.
const LONGEST_GAP_S = 1.0; // between two sightings; over a longer one nothing is drawn
const HOLD_S = 0.12; // how long a thing seen in one frame stays while the video plays

// ------------------------------------------------------------------ what is known at a time

const player = data.player;
const near = new Map(player.near.map((miss) => [miss.thing, miss]));
const first = player.moments[0] || {video: 0, start: 0, end: 0, text: "", kind: "main"};
const state = {video: first.video, time: first.start, hit: -1, line: null, shown: {cited: true, near: true, other: true}};

function kindOf(index) {
  return player.things[index].is_cited ? "cited" : near.has(index) ? "near" : "other";
}
/* Where a thing is at a time: its box, and whether it was seen then or stands between two
   sightings; null where it is not known to be there. */
function placeOf(thing, time, hold) {
  const times = thing.times;
  const tolerance = Math.max(0.004, Math.min(0.05, 0.45 / (data.videos[thing.video].fps || 10)));
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1; else high = middle;
  }
  for (const index of [low - 1, low])
    if (index >= 0 && index < times.length && Math.abs(times[index] - time) <= tolerance)
      return {box: thing.boxes[index], score: thing.scores[index], seen: true};
  const before = low - 1;
  if (before >= 0 && low < times.length && times[low] - times[before] <= LONGEST_GAP_S) {
    const share = (time - times[before]) / (times[low] - times[before]);
    const box = thing.boxes[before].map((side, k) => side + share * (thing.boxes[low][k] - side));
    return {box, score: thing.scores[before], seen: false};
  }
  if (before >= 0 && hold && time - times[before] <= hold)
    return {box: thing.boxes[before], score: thing.scores[before], seen: true};
  return null;
}
function thingsAt(time, hold = 0) {
  const there = [];
  player.things.forEach((thing, index) => {
    if (thing.video !== state.video || !state.shown[kindOf(index)]) return;
    if (state.line !== null && thing.line !== state.line) return;
    const place = placeOf(thing, time, hold);
    if (place) there.push({index, thing, ...place});
  });
  const cited = there.filter((item) => item.thing.is_cited);
  const apart = state.line !== null ? there
    : there.filter((item) => kindOf(item.index) !== "other" || !cited.some((other) => shared(item.box, other.box) > 0.4));
  return apart.sort((a, b) => a.thing.is_cited - b.thing.is_cited); // what is cited lies on top
}
/* Intersection over union: two modules that found one thing are told as one. */
function shared(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return width * height / (area(one) + area(other) - width * height);
}

// ------------------------------------------------------------------ the screen

const film = make("video", {playsinline: true, preload: "auto", tabindex: "-1", "aria-label": "the video"});
const still = make("img", {class: "still", alt: "", hidden: true});
const nothing = make("div", {class: "none", hidden: true});
const over = draw("svg", {class: "over", "aria-hidden": "true"});
const screen_ = put(make("div", {class: "screen"}), film, still, over, nothing);
const canPlay = new Map();
let clip = null;

function plays(type) {
  if (!canPlay.has(type)) canPlay.set(type, film.canPlayType(type) !== "");
  return canPlay.get(type);
}
function clipAt(video, time) {
  return data.clips.find((part) => part.video === video && plays(part.type) &&
    part.start - 0.01 <= time && time <= part.end + 0.01) || null;
}
/* A part of a video inside the page comes as a data: URL; players seek in a blob far faster. */
function sourceOf(part) {
  if (!part.source.startsWith("data:")) return part.source;
  if (!part.url) {
    const bytes = Uint8Array.from(atob(part.source.slice(part.source.indexOf(",") + 1)), (byte) => byte.charCodeAt(0));
    part.url = URL.createObjectURL(new Blob([bytes], {type: part.type}));
  }
  return part.url;
}
function seek(time, video = state.video) {
  const duration = data.videos[video].duration;
  state.video = video;
  state.time = Math.min(Math.max(0, time), duration);
  const wanted = clipAt(video, state.time);
  if (wanted) {
    if (wanted !== clip) {
      clip = wanted;
      film.src = sourceOf(clip);
    }
    film.currentTime = Math.max(0, state.time - clip.start);
  } else {
    film.pause();
    clip = null;
    state.time = nearestStill(state.time);
  }
  film.hidden = !clip;
  show();
}
function nearestStill(time) {
  const kept = data.pictures.filter((kept) => kept.video === state.video);
  if (!kept.length) return time;
  const best = kept.reduce((a, b) => (Math.abs(b.time - time) < Math.abs(a.time - time) ? b : a));
  still.src = document.getElementById(pictureId(best)).getAttribute("href");
  return best.time;
}
function pictureId(kept) {
  const prefix = page.querySelector(".store image").id.replace(/\d+$/, "");
  return prefix + data.pictures.indexOf(kept);
}
function drawBoxes(there) {
  const video = data.videos[state.video];
  over.setAttribute("viewBox", `0 0 ${video.width || 1} ${video.height || 1}`);
  over.replaceChildren();
  const size = Math.max(11, video.width / 55);
  for (const {index, thing, box, seen} of there) {
    const [x0, y0, x1, y1] = box;
    if (thing.mask && seen)
      over.append(draw("image", {href: "data:image/png;base64," + thing.mask, x: 0, y: 0,
        width: video.width, height: video.height, preserveAspectRatio: "none"}));
    const classes = [kindOf(index), seen ? "" : "between", index === state.hit ? "hit" : ""];
    over.append(draw("rect", {class: classes.join(" ").trim(), x: x0, y: y0, rx: 2,
      width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0), "data-thing": index}));
    const tag = draw("text", {x: x0, y: Math.max(size, y0 - 4), "font-size": size});
    tag.textContent = tagOf(index);
    over.append(tag);
  }
}
const tags = new Map();
function tagOf(index) {
  if (!tags.size) player.things.forEach((thing, k) => { if (thing.is_cited) tags.set(k, String(tags.size + 1)); });
  return tags.get(index) || (near.has(index) ? "?" : "·");
}
function show() {
  const video = data.videos[state.video];
  const hasPicture = video.width > 0;
  const hasStill = data.pictures.some((kept) => kept.video === state.video);
  screen_.classList.toggle("sound", !hasPicture);
  if (hasPicture) {
    screen_.style.aspectRatio = `${video.width} / ${video.height}`;
    const widest = `${54 * video.width / video.height}vh`; // so that the lanes below are in sight
    screen_.style.maxWidth = root.classList.contains("large") || innerWidth < 760 ? "" : widest;
  }
  still.hidden = Boolean(clip) || !hasStill;
  nothing.hidden = Boolean(clip && hasPicture) || (!clip && hasStill);
  nothing.textContent = !hasPicture ? "sound alone: no picture"
    : "No picture of this time is in this page. Export with --video, or open it with vprog view.";
  const there = thingsAt(state.time, film.paused ? 0 : HOLD_S);
  drawBoxes(there);
  lanes.tell(there);
  if (parent !== window) parent.postMessage({vprog: "time", time: state.time, video: state.video, isPlaying: !film.paused}, location.origin);
}
function onFilm() {
  if (!clip) return;
  state.time = film.currentTime + clip.start;
  show();
}
/* Long videos come in parts: the next one follows. */
film.addEventListener("ended", () => {
  const end = clip && clip.end;
  if (end && end < data.videos[state.video].duration - 0.05) {
    seek(end + 0.011);
    film.play().catch(() => {});
  }
});
addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.data?.vprog !== "seek") return;
  if (Math.abs(event.data.time - state.time) > (film.paused ? 0.001 : 0.4)) { film.pause(); seek(event.data.time, event.data.video); }
});
for (const name of ["seeked", "timeupdate", "pause", "play"]) film.addEventListener(name, onFilm);
film.addEventListener("error", () => {
  if (!clip) return;
  const broken = clip;
  data.clips = data.clips.filter((part) => part !== broken);
  clip = null;
  seek(state.time);
});
(function everyFrame() {
  if (!film.paused) onFilm();
  requestAnimationFrame(everyFrame);
})();
function toggle() {
  if (!clip) return;
  if (film.paused) film.play().catch(() => {}); else film.pause();
}

// ------------------------------------------------------------------ the list beside the screen

const now = make("p", {class: "now", "aria-live": "polite"});
const present = make("ul", {class: "list"});
const misses = make("ul", {class: "list"});
const stops = make("ul", {class: "list short"});

function row(kind, tag, text, score, press, extra = "") {
  return make("li", {class: `${kind} ${extra}`.trim()}, make("button", {type: "button", onclick: press},
    make("span", {class: "tag"}, tag), make("span", {}, text), score === undefined || score === null ? null
      : make("span", {class: "score"}, score.toFixed(2))));
}
let told = null;
function tellPresent(there) {
  const key = there.map(({index, seen}) => `${index}${seen}`).join();
  if (key === told) return;
  told = key;
  const cited = there.filter(({thing}) => thing.is_cited);
  const sure = cited.filter(({score}) => score !== undefined);
  const least = sure.length > 1 ? sure.reduce((a, b) => (b.score < a.score ? b : a)) : null;
  const ordered = [...there].sort((a, b) => b.thing.is_cited - a.thing.is_cited);
  present.replaceChildren(...ordered.slice(0, 40).map((item) => row(kindOf(item.index), tagOf(item.index),
    `${item.thing.label || item.thing.kind.toLowerCase()}${item.seen ? "" : " (between sightings)"}` +
      (item === least ? ", least sure" : ""),
    item.score ?? item.thing.score, () => { state.hit = item.index; film.pause(); told = null; show(); },
    item === least ? "least" : "")));
  if (!there.length) present.append(make("li", {}, "nothing that a module gave a place"));
}
function tellNow() {
  const main = first.kind === "main" && Math.abs(first.start - state.time) < 0.06 && first.video === state.video;
  const text = main ? first.text : clock(state.time);
  if (now.textContent !== text && (film.paused || main)) now.textContent = text;
}
misses.append(...player.near.map((miss) => row("near", "?", miss.text, null, () => {
  state.hit = miss.thing; film.pause(); seek(miss.time, player.things[miss.thing].video);
})));
stops.append(...player.moments.map((moment) => row(moment.kind === "evidence" ? "cited" : "other",
  moment.kind === "main" ? "▶" : "•", moment.text, null, () => { film.pause(); seek(moment.start, moment.video); })));

function step(direction) {
  const times = player.moments.filter((m) => m.video === state.video).map((m) => m.start).sort((a, b) => a - b);
  const next = direction > 0 ? times.find((t) => t > state.time + 0.02) : times.reverse().find((t) => t < state.time - 0.02);
  if (next !== undefined) { film.pause(); seek(next); }
}

// ------------------------------------------------------------------ the lanes

const lanes = (() => {
  const box = make("div", {class: "lanes"});
  const cursor = make("div", {class: "cursor"});
  const slider = make("input", {type: "range", class: "seek", min: 0, step: "any", "aria-label": "time in the video"});
  const clockText = make("span", {class: "clock"});
  const curves = [];
  let drawnFor = -1;
  const share = (time) => Math.min(1, Math.max(0, time / (data.videos[state.video].duration || 1)));

  function lane(name, height) {
    const svg = draw("svg", {viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", "aria-hidden": "true"});
    const strip = put(make("div", {class: "strip-of"}), svg);
    strip.style.setProperty("--h", `${height}px`);
    const label = make("div", {class: "name"}, name);
    box.append(put(make("div", {class: "lane"}), label, strip));
    return {svg, strip, label};
  }
  function bar(svg, start, end, y, height, cls) {
    const x = 1000 * share(start);
    svg.append(draw("rect", {class: cls, x: Math.min(x, 997), y, height, width: Math.max(3, 1000 * share(end) - x)}));
  }
  /* Spans that overlap go below one another. */
  function rows(spans) {
    const ends = [];
    return spans.map((span) => {
      if (span.end === span.start) return {...span, row: 0}; // moments stand in one row
      let at = ends.findIndex((end) => end <= span.start);
      if (at < 0) at = ends.length < 14 ? ends.length : 13;
      ends[at] = Math.max(ends[at] ?? 0, span.end + 1e-6);
      return {...span, row: at};
    });
  }
  function curveLane(curve) {
    const low = Math.min(0, ...curve.values), high = Math.max(...curve.values), reach = high - low || 1;
    const y = (value) => 66 - 58 * (value - low) / reach;
    const {svg, strip, label} = lane(curve.name, 72);
    label.title = curve.text;
    const points = curve.times.map((time, k) => `${1000 * share(time)},${y(curve.values[k])}`);
    svg.append(draw("polygon", {class: "area", points: `${1000 * share(curve.times[0])},66 ${points.join(" ")} ${1000 * share(curve.times.at(-1))},66`}),
      draw("polyline", {class: "curve", points: points.join(" ")}));
    const tops = curve.times.filter((time, k) => curve.values[k] === high && curve.values[k - 1] !== high);
    for (const time of tops.slice(0, 8)) {
      const at = first.video === curve.video && curve.times.some((t, k) => t === first.start && curve.values[k] === high)
        && tops.length === 1 ? first.start : time;
      const dot = make("button", {type: "button", class: "peak", title: `${curve.name} ${high} at ${clock(at)}`,
        "aria-label": `peak: ${curve.name} ${high} at ${clock(at)}`, onclick: () => { film.pause(); seek(at); }});
      dot.style.left = `${100 * share(at)}%`;
      dot.style.top = `${y(high)}px`;
      strip.append(dot);
    }
    curves.push({curve, label});
  }
  function thingLanes() {
    const groups = new Map();
    player.things.forEach((thing, index) => {
      if (thing.video !== state.video) return;
      const key = `${thing.line ?? ""}  ${thing.task}` + (thing.kind === "Track" ? ` ${thing.label}` : "");
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push({start: thing.times[0], end: thing.times.at(-1), index});
    });
    for (const [name, spans] of groups) {
      const placed = rows([...spans].sort((a, b) => a.start - b.start));
      const height = 6 * (1 + Math.max(...placed.map((span) => span.row)));
      const {svg} = lane(`${name} (${spans.length})`, Math.max(16, height + 6));
      for (const span of placed) bar(svg, span.start, span.end, 3 + 6 * span.row, 4.5, kindOf(span.index));
    }
    return new Set(groups.keys());
  }
  function build() {
    drawnFor = state.video;
    box.replaceChildren(cursor);
    curves.length = 0;
    const duration = data.videos[state.video].duration;
    slider.max = duration;
    const axis = make("div", {class: "axis", "aria-hidden": "true"});
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
    const wide = steps.find((wide) => duration / wide <= (innerWidth < 760 ? 5 : 10)) || 14400;
    for (let time = 0; time <= duration - wide * 0.25 || time === 0; time += wide) {
      const tick = make("span", {}, clock(time));
      tick.style.left = `${100 * share(time)}%`;
      axis.append(tick);
    }
    box.append(axis);
    player.curves.filter((curve) => curve.video === state.video).forEach(curveLane);
    const timeline = data.timelines.find((timeline) => timeline.video === state.video);
    const cited = player.moments.filter((m) => m.kind === "evidence" && m.video === state.video);
    if (cited.length) {
      const placed = rows(cited);
      const {svg} = lane(make("b", {}, "evidence"), 6 * (1 + Math.max(...placed.map((span) => span.row))) + 8);
      for (const span of placed) bar(svg, span.start, span.end, 4 + 6 * span.row, 4.5, "cited");
    }
    const drawn = thingLanes();
    for (const given of timeline ? timeline.lanes : []) {
      if ([...drawn].some((name) => name === given.label || name.startsWith(given.label + " "))) continue;
      if (given.curve.length) {
        if (!player.curves.some((curve) => curve.video === state.video && given.label === `${curve.line}  ${curve.name}`))
          curveLane({name: given.label, text: given.label, video: state.video, times: given.curve.map((p) => p[0]), values: given.curve.map((p) => p[1])});
        continue;
      }
      const {svg} = lane(given.label, 18);
      for (const mark of given.marks) bar(svg, mark.start, mark.end, 4, 10, "mark");
    }
    for (const covered of timeline ? timeline.coverage : []) {
      const {svg, label} = lane(`${covered.name} looked at: ${covered.unseen.length ? Math.floor(100 * covered.seen) : 100} %`, 18);
      label.title = covered.text;
      let at = 0;
      for (const gap of covered.unseen) {
        if (gap.start > at) bar(svg, at, gap.start, 5, 8, "seen");
        bar(svg, gap.start, gap.end, 5, 8, "unseen");
        at = gap.end;
      }
      if (at < duration) bar(svg, at, duration, 5, 8, "seen");
    }
  }
  function tell(there) {
    if (drawnFor !== state.video) build();
    box.style.setProperty("--at", share(state.time));
    slider.value = state.time;
    slider.setAttribute("aria-valuetext", clock(state.time));
    clockText.textContent = `${clock(state.time)} / ${clock(data.videos[state.video].duration)}`;
    for (const {curve, label} of curves) {
      let at = curve.times.findIndex((time) => time > state.time + 1e-6);
      at = at < 0 ? curve.times.length - 1 : at - 1;
      label.replaceChildren(make("b", {}, curve.name), at >= 0 ? ` ${+curve.values[at].toPrecision(4)} at ${clock(curve.times[at])}` : "");
    }
    tellNow();
    tellPresent(there);
  }
  function fromPointer(event) {
    const strip = box.querySelector(".strip-of");
    if (!strip) return;
    const area = strip.getBoundingClientRect();
    seek((event.clientX - area.left) / area.width * data.videos[state.video].duration);
  }
  let dragging = false;
  box.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    dragging = true;
    box.setPointerCapture(event.pointerId);
    film.pause();
    fromPointer(event);
  });
  box.addEventListener("pointermove", (event) => { if (dragging) fromPointer(event); });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { dragging = false; });
  slider.addEventListener("input", () => { film.pause(); seek(Number(slider.value)); });
  addEventListener("resize", () => { drawnFor = -1; show(); });
  return {box, slider, clockText, tell};
})();

// ------------------------------------------------------------------ the whole, and its keys

/* A button that says what it is by its text, or by a name where that is a sign. */
const button = (text, name, press, given = {}) =>
  make("button", {type: "button", "aria-label": /[a-z]/i.test(text) ? false : name, title: name, onclick: press, ...given}, text);
let zoom = 1;
function setLarge(is) {
  root.classList.toggle("large", is);
  large.setAttribute("aria-pressed", String(is));
  setZoom(1);
  show();
}
function setZoom(factor) {
  zoom = Math.min(6, Math.max(1, factor));
  screen_.style.width = root.classList.contains("large") ? `${100 * zoom}%` : "";
  if (root.classList.contains("large") && zoom === 1) {
    const video = data.videos[state.video];
    screen_.style.width = `min(100%, ${78 * (video.width || 16) / (video.height || 9)}vh)`;
  }
}
/* The picture with its boxes as a file, in the video's own size. */
function savePicture() {
  const video = data.videos[state.video], canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.width, video.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(clip ? film : still, 0, 0, canvas.width, canvas.height);
  pen.lineWidth = 2;
  for (const {index, box: [x0, y0, x1, y1]} of thingsAt(state.time)) {
    pen.strokeStyle = {cited: "#35e08f", near: "#ffae42", other: "#8ab8ff"}[kindOf(index)];
    pen.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }
  canvas.toBlob((blob) => {
    const link = make("a", {href: URL.createObjectURL(blob), download: `${data.run}-${clock(state.time).replaceAll(":", ".")}.png`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}
const play = button("▶", "play or pause", toggle);
film.addEventListener("play", () => { play.textContent = "❚❚"; });
film.addEventListener("pause", () => { play.textContent = "▶"; });
const large = button("Full size", "show the picture as large as the window", () => setLarge(!root.classList.contains("large")), {"aria-pressed": "false"});
const speed = make("select", {"aria-label": "speed", onchange: () => { film.playbackRate = Number(speed.value); }},
  ...["0.25", "0.5", "1", "2", "4"].map((rate) => make("option", {value: rate, selected: rate === "1"}, `${rate}×`)));
const kinds = [["cited", "cited"], ["near", "nearly"], ["other", "other"]].map(([kind, text]) => {
  const count = player.things.filter((_, index) => kindOf(index) === kind).length;
  const pressed = button(`${text} ${count}`, `show boxes of what is ${kind === "near" ? "nearly in the answer" : kind}`, () => {
    state.shown[kind] = !state.shown[kind];
    pressed.setAttribute("aria-pressed", String(state.shown[kind]));
    told = null;
    show();
  }, {"aria-pressed": "true"});
  return count ? pressed : null;
});
const videos = data.videos.length > 1 ? make("select", {"aria-label": "video", onchange: () => seek(0, Number(videos.value))},
  ...data.videos.map((video, index) => make("option", {value: index, selected: index === state.video}, video.name))) : null;
const sign = (cls, text) => make("span", {}, make("i", {class: cls}), text);
const controls = make("div", {class: "bar-row"}, button("|◀", "previous evidence", () => step(-1)), play,
  button("▶|", "next evidence", () => step(1)), lanes.clockText, videos, speed, ...kinds, large,
  button("−", "smaller", () => setZoom(zoom / 1.5), {class: "zoom"}), button("+", "larger", () => { setLarge(true); setZoom(zoom * 1.5); }, {class: "zoom"}),
  button("Save picture", "save this picture with its boxes", savePicture, {class: "save"}));
if (!data.videos.some((video) => video.width > 0))
  for (const control of [large, ...controls.querySelectorAll(".zoom,.save")]) control.hidden = true;
const legend = make("p", {class: "legend"}, sign("cited", "in the answer"), sign("near", "nearly"), sign("other", "found besides"),
  sign("between", "dashed: between two sightings, reckoned, not seen"));
const group = (title, ...children) => make("section", {}, make("h3", {}, title), ...children);
const root = make("section", {class: "player", "aria-label": "player"},
  make("div", {class: "look"},
    make("div", {}, put(make("div", {class: "frame-of"}), screen_), controls, legend, lanes.slider, lanes.box),
    make("div", {class: "aside"}, now, group("In this picture", present),
      group("Nearly in the answer", misses, make("p", {class: "keys near-text"}, player.near_text)),
      player.moments.length ? group("Moments", stops) : null)),
  make("p", {class: "keys"}, ...[["space", "play"], ["← →", "1 s, with shift a frame"], ["[ ]", "evidence"], ["z", "full size"], ["/", "search"]]
    .flatMap(([key, text]) => [make("kbd", {}, key), ` ${text}  `])));
document.getElementById("vprog-player").append(root);
page.classList.add("scripted");
page.querySelector("section.near")?.remove(); // it stands beside the screen now

for (const figure of page.querySelectorAll("figure[data-time]")) {
  figure.tabIndex = 0;
  figure.setAttribute("role", "button");
  figure.title = "show in the player";
  const go = () => { film.pause(); seek(Number(figure.dataset.time), Number(figure.dataset.video)); root.scrollIntoView({block: "start"}); };
  figure.addEventListener("click", go);
  figure.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
}
for (const line of page.querySelectorAll(".program .row")) {
  const number = Number(line.dataset.line);
  const places = player.things.filter((thing) => thing.line === number);
  if (!places.length) continue;
  const only = make("button", {type: "button", "aria-pressed": "false", onclick: () => {
    state.line = state.line === number ? null : number;
    for (const other of page.querySelectorAll(".row .only")) other.setAttribute("aria-pressed", "false");
    only.setAttribute("aria-pressed", String(state.line === number));
    told = null;
    if (state.line !== null) seek(thingsAt(state.time).length ? state.time : places[0].times[0], places[0].video); else show();
    root.scrollIntoView({block: "start"});
  }, class: "only"}, "its boxes alone");
  line.prepend(make("div", {class: "do"}, only));
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]),textarea,select")) return;
  const frame = 1 / (data.videos[state.video].fps || 10);
  const jump = event.shiftKey ? frame : 1;
  const acts = {
    " ": () => !event.target.closest("button,summary") && (toggle(), true),
    ArrowLeft: () => (film.pause(), seek(state.time - jump), true), ArrowRight: () => (film.pause(), seek(state.time + jump), true),
    "[": () => (step(-1), true), "]": () => (step(1), true), z: () => (large.click(), true),
    Escape: () => (setLarge(false), true),
    "/": () => { const field = page.querySelector("input[type=search]"); field?.focus(); return Boolean(field); },
  };
  if (acts[event.key]?.()) event.preventDefault();
});
const named = /[#&]t=([\d.]+)/.exec(location.hash);
seek(named ? Number(named[1]) : first.start, first.video);
