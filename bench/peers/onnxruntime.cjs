// ONNX Runtime as a peer of ./learn bench: whole nets, float and static int8 (QDQ). The lines are those of
// bench/serve.hpp; node finds onnxruntime-node through NODE_PATH.
//   onnxruntime.cjs FOLDER    which holds NET.npy, the rows of "model", and NET.float.onnx, NET.static.onnx
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

// Rows as the model wants them: ours are h x w x c, those of a Conv c x h x w.
function picturesFor(session, { data, dims }) {
  const [channels, height, width] = session.inputMetadata[0].shape.slice(1);
  if (height === undefined) return new (runtime().Tensor)("float32", data, dims);
  const turned = new Float32Array(data.length);
  const pixels = height * width;
  for (let row = 0; row < dims[0]; ++row)
    for (let p = 0; p < pixels; ++p)
      for (let c = 0; c < channels; ++c)
        turned[(row * channels + c) * pixels + p] = data[(row * pixels + p) * channels + c];
  return new (runtime().Tensor)("float32", turned, [dims[0], channels, height, width]);
}

async function prepare(request, net, kind, batch, threads) {
  if (kind !== "float" && kind !== "static") throw new Error(`ONNX Runtime has no such model here: ${kind}`);
  const ort = runtime();
  const session = await ort.InferenceSession.create(path.join(folder, `${net}.${kind}.onnx`), {
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const feeds = { x: picturesFor(session, loadRows(path.join(folder, `${net}.npy`), Number(batch))) };
  ready.set(request, () => session.run(feeds));
  return Array.from((await session.run(feeds)).logits.data).join(" ");
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
