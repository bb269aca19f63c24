// What all scripts of a page share: its data, and how elements are made. Texts go in as text.
"use strict";
const data = JSON.parse(document.getElementById("vprog-data").textContent);
const page = document.querySelector(".vprog");
const windows = origin === "null" ? "*" : location.origin; // a frame in a sandbox has no origin to name
const SVG = "http://www.w3.org/2000/svg";

function put(parent, ...children) {
  for (const child of children) if (child !== null && child !== undefined) parent.append(child);
  return parent;
}
function make(name, given = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  return put(element, ...children);
}
function draw(name, given) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
  return element;
}
function clock(seconds) {
  const whole = Math.round(Math.max(0, seconds) * 100) / 100;
  const hours = Math.floor(whole / 3600), minutes = Math.floor((whole % 3600) / 60);
  let rest = (whole % 60).toFixed(2).replace(/\.?0+$/, "");
  if (rest.split(".")[0].length < 2) rest = "0" + rest;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
