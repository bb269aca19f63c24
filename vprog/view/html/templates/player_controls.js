// The whole of the player: its buttons, its keys, and what in the page leads into it.
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
