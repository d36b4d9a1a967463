/** What a process that runs models asks of V8: of WebAssembly it compiles for speed what runs often, and the rest hardly at all. */

/**
 * A function has to run fifty times as long as usual before it is compiled for speed. By itself V8 does that with two hundred functions of onnxruntime until
 * it has loaded a model and computed some rows, where seventeen make the rows as fast: that took more than half of the processor time until then. What
 * computes rows is compiled with the first of them all the same. Answers are the same before and after, to the last bit.
 */
const WARM_LATER = "--wasm-tiering-budget=90000000";

/** A function is looked through when it runs first. By itself V8 looks through all 14 MB of onnxruntime, of which little ever runs. */
const WHEN_WANTED = "--wasm-lazy-validation";

/** Documented nowhere but in `node --v8-options`: a test asks each Node whether it knows them. */
export const PROCESS_FLAGS = [WARM_LATER, WHEN_WANTED];
