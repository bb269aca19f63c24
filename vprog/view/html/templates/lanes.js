// The lanes below the screen: curves, evidence, things, what was looked at; all on one time.
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
