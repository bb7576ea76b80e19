// ONNX Runtime as a peer of ./learn bench: the MLP, float and static int8 (QDQ). The lines are those of
// bench/serve.hpp; node finds onnxruntime-node through NODE_PATH.
//   onnxruntime.cjs FOLDER    which holds x.npy, the rows of "model", and float.onnx, static.onnx
"use strict";
const fs = require("fs");
const path = require("path");
const readline = require("readline");

const folder = process.argv[2];
const RUNS = 8; // as in bench/timing.hpp
let ready = new Map();

function runtime() {
  try {
    return require("onnxruntime-node");
  } catch (error) {
    throw new Error("onnxruntime-node is not installed");
  }
}

// The rows of an .npy file of float32, version 1.0.
function loadRows(file, batch) {
  const bytes = fs.readFileSync(file);
  const begin = 10 + bytes.readUInt16LE(8);
  const [, rows, columns] = /\((\d+), (\d+)\)/.exec(bytes.toString("latin1", 10, begin)).map(Number);
  if (batch > rows) throw new Error(`there are ${rows} rows, not ${batch}`);
  const data = new Float32Array(batch * columns);
  for (let i = 0; i < data.length; ++i) data[i] = bytes.readFloatLE(begin + 4 * i);
  return { data, dims: [batch, columns] };
}

function classesOf(logits) {
  const [rows, columns] = logits.dims;
  let classes = "";
  for (let r = 0; r < rows; ++r) {
    const row = Array.from(logits.data.subarray(r * columns, (r + 1) * columns));
    classes += row.indexOf(Math.max(...row));
  }
  return classes;
}

async function prepare(request, kind, batch, threads) {
  if (kind !== "float" && kind !== "static") throw new Error(`ONNX Runtime has no such model here: ${kind}`);
  const ort = runtime();
  const session = await ort.InferenceSession.create(path.join(folder, `${kind}.onnx`), {
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const { data, dims } = loadRows(path.join(folder, "x.npy"), Number(batch));
  const feeds = { x: new ort.Tensor("float32", data, dims) };
  ready.set(request, () => session.run(feeds));
  return classesOf((await session.run(feeds)).logits);
}

// Microseconds of one call: the median of up to RUNS runs. The binding's own time is in it.
async function time(repeats, request) {
  const call = ready.get(request);
  if (!call) throw new Error(`this has not been made ready: ${request}`);
  const times = [];
  for (let run = 0; run < Math.min(RUNS, repeats); ++run) {
    const calls = Math.floor((repeats + RUNS - 1 - run) / RUNS);
    const begun = process.hrtime.bigint();
    for (let i = 0; i < calls; ++i) await call();
    times.push(Number(process.hrtime.bigint() - begun) / 1e3 / calls);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

async function answer(line) {
  const words = line.trim().split(/\s+/);
  if (words[0] === "hello") {
    const { versions } = runtime().env;
    return `ONNX Runtime ${versions.node || versions.common}`;
  }
  if (words[0] === "model") return prepare(line.trim(), ...words.slice(1));
  if (words[0] === "run") return String(await time(Number(words[1]), words.slice(2).join(" ")));
  if (words[0] === "forget") {
    ready = new Map();
    return "";
  }
  throw new Error(`ONNX Runtime is not asked for this: ${words[0]}`);
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let reply;
    try {
      reply = `ok ${await answer(line)}`;
    } catch (error) {
      reply = `error ${String(error.message).split("\n")[0]}`;
    }
    process.stdout.write(`${reply}\n`);
  }
  process.exit(0);
}

main();
