import { decodeGroups } from "../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../shared/coding/encode-groups.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";

const scheme = makeScheme("systematic", { queryCount: 4, stragglerCount: 2, liarCount: 1 });
const queries = Float32Array.of(0.1, 0.2, 0.3, 0.4); // one group of 4 queries of 1 number each

const batches = encodeGroups(scheme, queries, 1, 1); // 7 batches: the 4 queries, then 3 mixtures
const results = batches.map((batch) => batch.map(Math.cos)); // what honest workers would send

const arrived = [0, 2, 3, 4, 6]; // workers 1 and 5 are late
const taken = arrived.map((i) => results[i]!);
const { outputs, how } = decodeGroups(scheme, arrived, taken, 1, 1);

console.log([...outputs]); // cos of 0.1, 0.2, 0.3, 0.4; the second is off by 0.012
console.log([...how]); // 0: the model's own answer, 2: estimated
