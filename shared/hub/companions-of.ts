import type { ByteSpace } from "../compute/byte-space.ts";
import { ModelError } from "../compute/errors.ts";
import type { RuntimeDescription } from "../compute/runtimes/runtime-description.ts";
import { InputError } from "../inputs/input-error.ts";

/** Files that a model's main one names, beside it. @param where the main one, for people. @throws InputError where it cannot be read */
export async function companionsOf(
  runtime: RuntimeDescription,
  main: ByteSpace,
  where: string,
): Promise<readonly string[]> {
  const format = await runtime.loadFormat();
  try {
    return format.companions(main);
  } catch (error) {
    if (error instanceof ModelError) throw new InputError(`${where}: ${error.message}`);
    throw error;
  }
}
