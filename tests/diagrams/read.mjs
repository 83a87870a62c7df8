// Reads diagrams with Mermaid. Each line of the input is {"texts": […], "draw": true or false};
// for each one line is written: for every text what Mermaid found in it, or {"error": "…"}.
import { createInterface } from "node:readline";

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
for (const name of ["document", "CSSStyleSheet", "DOMParser", "Element", "SVGElement", "XMLSerializer"]) {
  globalThis[name] = window[name];
}
globalThis.window = window;
// Nothing has a size where nothing is laid out, and Mermaid asks for sizes before it draws.
const box = { x: 0, y: 0, top: 0, left: 0, right: 100, bottom: 20, width: 100, height: 20 };
window.Element.prototype.getBoundingClientRect = () => box;
window.SVGElement.prototype.getBBox = () => box;
window.SVGElement.prototype.getComputedTextLength = () => box.width;

// Imported only now: it looks for a page when it is loaded.
const { default: mermaid } = await import("mermaid");
// What it logs would come between the answers.
mermaid.initialize({ startOnLoad: false, logLevel: "fatal" });

async function read(text, draw) {
  const { diagramType } = await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { nodes, edges } = db.getData();
  return {
    type: diagramType,
    states: nodes.map(({ id, parentId, cssClasses }) => ({
      id,
      inside: parentId ?? null,
      classes: cssClasses.split(" ").filter((name) => name && !name.startsWith("statediagram-")),
    })),
    arrows: edges.map(({ start, end }) => [start, end]),
    shown: draw ? await shown(text) : [],
  };
}

// The texts that somebody sees in the picture.
async function shown(text) {
  const { svg } = await mermaid.render("drawn", text);
  // As HTML, because labels are HTML inside the picture.
  const page = new window.DOMParser().parseFromString(`<body>${svg}`, "text/html");
  return [...page.querySelectorAll(".nodeLabel, .edgeLabel .label")].map((label) => label.textContent);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { texts, draw } = JSON.parse(line);
  const answers = [];
  for (const text of texts) {
    answers.push(await read(text, draw).catch((error) => ({ error: String(error) })));
  }
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
