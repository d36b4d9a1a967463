/** `npm run build:kernels` */
import { writeFile } from "node:fs/promises";
import { compileKernels, KERNELS_MODULE, kernelsModule } from "./kernels-build.ts";

const binary = await compileKernels();
await writeFile(KERNELS_MODULE, kernelsModule(binary));
console.log(`${KERNELS_MODULE}: ${binary.length} bytes of WebAssembly`);
