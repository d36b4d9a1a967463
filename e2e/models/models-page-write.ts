/** npm run models-page: writes the tables of docs/models.md. */
import { writeModelsPage } from "./models-page.ts";

await writeModelsPage();
