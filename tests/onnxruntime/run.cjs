// Runs models in ONNX Runtime and writes down what comes out, for onnx_agreement to compare.
//   run.cjs FOLDER            every run of FOLDER/runs.json
//   run.cjs FOLDER --time     the times of FOLDER/times.json, to FOLDER/times.results.json
// runs.json is a list of
//   {"name", "model": a file, "input": an .npy of float32, "batch": rows a call, "optimizations": "all" or
//    "disabled", "outputs": names}
// Every run leaves FOLDER/NAME.OUTPUT.npy for each output, and FOLDER/NAME.optimized.onnx, the graph that ONNX
// Runtime has made of it; all together FOLDER/runtime.json, the version. node finds onnxruntime-node through NODE_PATH.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

function refuse(what) {
  console.error(`error: ${what}\n  usage: run.cjs FOLDER [--time], FOLDER written by onnx_agreement`);
  process.exit(2);
}

const [folder, option, ...more] = process.argv.slice(2);
if (folder === undefined) refuse("run.cjs needs a folder");
if (more.length > 0 || (option !== undefined && option !== "--time"))
  refuse(`run.cjs does not know '${[option, ...more].join(" ")}'`);
const at = (name) => path.join(folder, name);
const requests = at(option === "--time" ? "times.json" : "runs.json");
if (!fs.existsSync(requests)) refuse(`there is no ${requests}`);

const ort = require("onnxruntime-node");

// Rows of float32, version 1.0 of the format; any shape behind the rows. Many runs read one file.
const loaded = new Map();
function load(file) {
  if (!loaded.has(file)) loaded.set(file, parse(file));
  return loaded.get(file);
}

function parse(file) {
  const bytes = fs.readFileSync(file);
  const begin = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, begin);
  if (!header.includes("'<f4'")) throw new Error(`${file} does not hold float32`);
  const dims = /\(([^)]*)\)/.exec(header)[1].split(",").filter((s) => s.trim()).map(Number);
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; ++i) data[i] = bytes.readFloatLE(begin + 4 * i);
  return { data, dims };
}

const DTYPES = { float32: "<f4", uint8: "|u1", int8: "|i1", int32: "<i4" };

// Results that are equal, byte for byte, are one file: the integers of a net are the same in most forms.
const saved = new Map(); // from the SHA-256 of the bytes
function save(file, type, dims, parts) {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const text = `{'descr': '${DTYPES[type]}', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length);
  const begin = Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), size, Buffer.from(header, "latin1")]);
  const content = [begin, ...parts.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))];
  const hash = crypto.createHash("sha256");
  for (const bytes of content) hash.update(bytes);
  const sum = hash.digest("hex");
  fs.rmSync(file, { force: true });
  if (saved.has(sum)) return fs.linkSync(saved.get(sum), file);
  saved.set(sum, file);
  const handle = fs.openSync(file, "wx");
  for (const bytes of content) fs.writeFileSync(handle, bytes);
  fs.closeSync(handle);
}

function sessionOf(run, more = {}) {
  return ort.InferenceSession.create(at(run.model), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: run.optimizations,
    logSeverityLevel: 3,
    ...more,
  });
}

async function execute(run) {
  const session = await sessionOf(run, { optimizedModelFilePath: at(`${run.name}.optimized.onnx`) });
  const { data, dims } = load(at(run.input));
  const size = dims.slice(1).reduce((a, b) => a * b, 1);
  const results = new Map(run.outputs.map((name) => [name, { parts: [] }]));
  for (let row = 0; row < dims[0]; row += run.batch) {
    const rows = Math.min(run.batch, dims[0] - row);
    const batch = data.subarray(row * size, (row + rows) * size);
    const outputs = await session.run({ x: new ort.Tensor("float32", batch, [rows, ...dims.slice(1)]) }, run.outputs);
    for (const [name, result] of results) {
      const tensor = outputs[name];
      result.type = tensor.type;
      result.dims = [dims[0], ...tensor.dims.slice(1)];
      result.parts.push(tensor.data.slice());
    }
  }
  for (const [name, { type, dims: shape, parts }] of results) save(at(`${run.name}.${name}.npy`), type, shape, parts);
  await session.release();
}

// Microseconds a call. All models take turns, round after round, each for 10 ms and three calls at least.
const ROUNDS = 15;
async function time(timed) {
  const calls = [];
  for (const request of timed) {
    const session = await sessionOf(request);
    const { data, dims } = load(at(request.input));
    const size = dims.slice(1).reduce((a, b) => a * b, 1);
    for (const batch of request.batches) {
      const feeds = { x: new ort.Tensor("float32", data.slice(0, batch * size), [batch, ...dims.slice(1)]) };
      calls.push({ model: request.model, batch, times: [], call: () => session.run(feeds) });
    }
  }
  for (const { call } of calls) for (let i = 0; i < 20; ++i) await call();
  for (let round = 0; round < ROUNDS; ++round)
    for (const { call, times } of calls) {
      const begun = process.hrtime.bigint();
      let done = 0, passed = 0;
      while (done < 3 || passed < 1e7) {
        await call();
        ++done;
        passed = Number(process.hrtime.bigint() - begun);
      }
      times.push(passed / 1e3 / done);
    }
  const results = { rounds: ROUNDS };
  for (const { model, batch, times } of calls) {
    results[model] = results[model] || {};
    results[model][batch] = times.sort((a, b) => a - b)[ROUNDS >> 1];
  }
  fs.writeFileSync(at("times.results.json"), JSON.stringify(results, null, 1));
}

async function main() {
  const wanted = JSON.parse(fs.readFileSync(requests, "utf8"));
  if (option === "--time") await time(wanted);
  else for (const run of wanted) await execute(run);
  const { versions } = ort.env;
  fs.writeFileSync(at("runtime.json"), JSON.stringify({ version: versions.node || versions.common }));
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(String(error.stack || error));
    process.exit(1);
  },
);
