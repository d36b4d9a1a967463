/** A dropped folder as a named model: looked through here, then sent as `paritab model add` does. Loaded with the first folder. */
import { sentFiles } from "../../../shared/hub/hub-place.ts";
import type { Pool } from "../../../shared/hub/pooling.ts";
import { namedModelFiles, type TextTask, textModel, textTask } from "../../../shared/hub/text-model.ts";
import { Problems } from "../../../shared/inputs/problems.ts";
import { droppedPlace } from "../../hub/dropped-place.ts";
import type { HubDrop } from "../../hub/hub-drop.ts";

export interface LookedAt {
  readonly task: TextTask;
  readonly files: ReturnType<typeof sentFiles>;
}

/** @throws InputError, ModelError with all that is wrong */
export async function lookAtModel(drop: HubDrop, pool: Pool | null, normalizes: boolean | null): Promise<LookedAt> {
  const problems = new Problems();
  const model = await textModel(droppedPlace(drop), problems);
  const task = model === null ? null : await problems.attempt(() => textTask(model, pool, normalizes));
  problems.throwIfAny();
  return { task: task!, files: sentFiles(await namedModelFiles(model!)) };
}
