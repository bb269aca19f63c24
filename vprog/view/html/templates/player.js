// The player of a run: what was found at a time, the screen that shows it, the lists beside it.
const LONGEST_GAP_S = 1.0; // between two sightings; over a longer one nothing is drawn
const MOST_APART_S = 0.2; // two runs side by side, while they play
const isSide = parent !== window && window.name === "vprog-side";
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
    : there.filter((item) => kindOf(item.index) !== "other" || item.thing.mask || item.thing.bones.length || !cited.some((other) => shared(item.box, other.box) > 0.4));
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
function isPoint([x0, y0, x1, y1]) {
  return x0 === x1 && y0 === y1;
}
function pathOf(bones) {
  return bones.map(([x0, y0, x1, y1]) => `M${x0} ${y0}L${x1} ${y1}`).join("");
}
function drawBoxes(there) {
  const video = data.videos[state.video];
  over.setAttribute("viewBox", `0 0 ${video.width || 1} ${video.height || 1}`);
  over.replaceChildren();
  const size = Math.max(11, video.width / 55);
  const placed = []; // no tag covers another where boxes begin at one corner
  for (const {index, thing, box, seen} of there) {
    const [x0, y0, x1, y1] = box;
    if (thing.mask && seen)
      over.prepend(draw("image", {href: "data:image/png;base64," + thing.mask, x: 0, y: 0,
        width: video.width, height: video.height, preserveAspectRatio: "none"}));
    if (seen)
      for (const [name, isPart] of [["bones", (bone) => !isPoint(bone)], ["joints", isPoint]])
        over.append(draw("path", {class: `${name} ${kindOf(index)}`, d: pathOf(thing.bones.filter(isPart))}));
    const classes = [kindOf(index), seen ? "" : "between", index === state.hit ? "hit" : ""];
    over.append(draw("rect", {class: classes.join(" ").trim(), x: x0, y: y0, rx: 2,
      width: Math.max(1, x1 - x0), height: Math.max(1, y1 - y0), "data-thing": index}));
    const text = tagOf(index), width = 0.7 * size * text.length;
    const above = Math.max(size, y0 - 4), below = Math.min(video.height - 2, y1 + size);
    const places = [[x0, above], [x1 - width, above], [x0, below], [x1 - width, below]];
    const isFree = ([x, y]) => placed.every(([left, right, line]) =>
      x >= right || x + width <= left || Math.abs(y - line) >= size);
    const [x, y] = places.find(isFree) || places[0];
    placed.push([x, x + width, y]);
    const tag = draw("text", {x, y, "font-size": size});
    tag.textContent = text;
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
    : "No picture of this time is in this page: export --video puts in what is cited, vprog view plays all.";
  const there = thingsAt(state.time, film.paused ? 0 : HOLD_S);
  drawBoxes(there);
  lanes.tell(there);
  if (isSide) parent.postMessage({vprog: "time", time: state.time, video: state.video, isPlaying: !film.paused, rate: film.playbackRate}, windows);
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
/* Beside another run: what is done there is done here, without its sound. */
if (isSide) addEventListener("message", ({source, data: lead}) => {
  if (source !== parent || lead?.vprog !== "follow") return;
  const mayDiffer = lead.isPlaying && !film.paused ? MOST_APART_S : 0.001;
  if (Math.abs(lead.time - state.time) > mayDiffer || lead.video !== state.video) seek(lead.time, lead.video);
  film.playbackRate = lead.rate;
  if (!lead.isPlaying) film.pause();
  else if (clip && film.paused && !film.ended) {
    film.muted = true;
    film.play().catch(() => {});
  }
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
  film.muted = false;
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
