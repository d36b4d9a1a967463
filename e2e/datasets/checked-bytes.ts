import { createHash } from "node:crypto";
import { DatasetError } from "./image-set.ts";

/**
 * The bytes, once their MD5 is what the data set's makers published: packages that carry data sets are old and little
 * downloaded, so what they give is checked.
 * @throws DatasetError where it is another
 */
export function checkedBytes(bytes: Uint8Array, md5: string, name: string): Uint8Array {
  const got = createHash("md5").update(bytes).digest("hex");
  if (got !== md5) throw new DatasetError(`${name}: expected MD5 ${md5}, got ${got}`);
  return bytes;
}
