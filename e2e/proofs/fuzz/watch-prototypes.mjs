/** Preloaded into a server under fuzzing: ends it, loudly, as soon as anything is put into what all objects share. */
const SHARED = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const LOOK_MS = 50;
const EXIT_CODE = 86;

setTimeout(() => {
  const before = SHARED.map((prototype) => Reflect.ownKeys(prototype).length);
  setInterval(() => {
    const changed = SHARED.find((prototype, i) => Reflect.ownKeys(prototype).length !== before[i]);
    if (changed === undefined) return;
    console.error(`a prototype was changed: ${Reflect.ownKeys(changed).map(String).join(", ")}`);
    process.exit(EXIT_CODE);
  }, LOOK_MS).unref();
}, 0);
