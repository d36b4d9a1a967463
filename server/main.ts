/** A coordinator whose pages are there: of a package, a container, a service. */
import { runCoordinator } from "./run-coordinator.ts";

runCoordinator();
