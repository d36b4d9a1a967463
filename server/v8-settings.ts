/** What the coordinator asks of V8: when it looks through the whole heap, and from when on it compiles a function anew to make it fast. */
import { setFlagsFromString } from "node:v8";

/**
 * Garbage comes together until the heap is three times what was in use after the last look. By itself V8 takes anything up to four times, and next
 * to nothing where rows of pictures pass through its memory: then it looked at a heap of 50 MB every few hundred rows, which took a seventh of the
 * processor time (bench gain).
 */
const HEAP_GROWTH = "--heap-growing-percent=200";

/**
 * A function has to run four times as long as usual (264 KiB of bytecode, not 66) before V8's optimizing compiler counts it as warm. By itself V8 compiled
 * hundreds of functions in the first job that a coordinator serves, some of them again and again: more than a fourth of its processor time, and that
 * job got back less. What runs often is compiled all the same, some seconds later.
 */
const WARM_LATER = "--interrupt-budget=270336";

/** Options of V8 that are documented nowhere but in `node --v8-options`: a test asks each Node whether it knows them. */
export const V8_FLAGS = [HEAP_GROWTH, WARM_LATER];

/** For this process and all its threads: the first from the next garbage collection on, the second from a function's next count on. */
export function setUpV8(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
}
