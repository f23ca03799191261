// SPDX-License-Identifier: MIT
// Reads a JSON list of flowcharts from stdin with Mermaid itself, and writes what Mermaid found in each: boxes, arrows, subgraphs.
import { JSDOM } from "jsdom";
import { readFileSync } from "node:fs";

const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

// What Mermaid makes of `#NN;` until it draws.
const decoded = (text) => text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));

const read = async (graph) => {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(graph);
  const subgraphs = db.getSubGraphs().map((it) => ({ id: it.id, title: decoded(it.title), nodes: [...it.nodes].sort() }));
  const ids = new Set(subgraphs.map((it) => it.id));
  const boxes = [...db.getVertices().values()].filter((it) => !ids.has(it.id));
  return {
    boxes: boxes.map((it) => ({ id: it.id, label: decoded(it.text), classes: it.classes, link: it.link ?? null })),
    arrows: db.getEdges().map((it) => [it.start, it.end]),
    subgraphs,
  };
};

const found = [];
for (const graph of JSON.parse(readFileSync(0, "utf8"))) found.push(await read(graph));
process.stdout.write(JSON.stringify(found));
