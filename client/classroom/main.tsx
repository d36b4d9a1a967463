import { render } from "preact";
import { ClassPage } from "./class-page.tsx";

render(<ClassPage />, document.getElementById("page")!);
