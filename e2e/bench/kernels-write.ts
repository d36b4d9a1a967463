/** `npm run build:kernels` */
import { writeFile } from "node:fs/promises";
import { compileKernels, KERNELS, kernelsModule, kernelsPath } from "./kernels-build.ts";

for (const [folder, name] of Object.entries(KERNELS)) {
  const binary = await compileKernels(folder);
  await writeFile(kernelsPath(folder), kernelsModule(name, binary));
  console.log(`${kernelsPath(folder)}: ${binary.length} bytes of WebAssembly`);
}
