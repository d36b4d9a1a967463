// A process of models that misbehave by their names: the model's sha256 says how. It answers as model-process.ts does.
import { appendFileSync } from "node:fs";

const hoard = [];
const loaded = new Map();
const totalCpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;

process.on("message", ({ type, sha256, bytes, at, part, rows, rowCount }) => {
  const spent = { cpuMs: 1, totalCpuMs: totalCpuMs(), peakBytes: process.memoryUsage.rss() };
  if (type === "drop") loaded.delete(sha256);
  if (type === "model" && at + part.length === bytes) {
    loaded.set(sha256, bytes);
    const loadMs = Number(/^well:loads-(\d+)$/.exec(sha256)?.[1] ?? 0);
    if (loadMs > 0) appendFileSync(`${process.env.TMPDIR}/loaded.txt`, `${process.pid}\n`);
    for (const beforeMs = totalCpuMs(); totalCpuMs() - beforeMs < loadMs; );
    process.send({ type: "loaded", ...spent });
  }
  if (type !== "run") return;
  // What ran here, one line each: the tests read it.
  appendFileSync(`${process.env.TMPDIR}/ran.txt`, `${process.pid} ${sha256} ${rowCount}\n`);
  const [how, n = "0"] = sha256.split(":");
  const isSick = how !== "well" && (how !== "large-batches" || rowCount > Number(n));
  if (isSick && how === "hoards") for (;;) hoard.push(Buffer.alloc(32 * 1024 * 1024, 1));
  if (isSick && how === "loops") for (;;);
  if (isSick && how === "dies") process.exit(3);
  if (isSick && how === "mute") return;
  if (isSick && how === "refuses") {
    process.send({ type: "failed", message: "no kernel for Frobnicate", isBroken: false, ...spent });
    return;
  }
  if (isSick) {
    process.send({ type: "failed", message: "memory access out of bounds", isBroken: true, ...spent });
    return;
  }
  // The mean of two, as the model says: inputs of two numbers, one output.
  const outputs = Float32Array.from({ length: rowCount }, (_, r) => rows[2 * r] + rows[2 * r + 1]);
  process.send({ type: "ran", outputs, ...spent });
});
process.on("disconnect", () => process.exit());
process.send({ type: "ready", totalCpuMs: totalCpuMs() });
