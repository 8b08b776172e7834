/** Makes the elements known: `<script src="…/widgets.js">` on any page. */

import { AnomaliesWidget } from "./anomalies";
import { ChartWidget } from "./chart";
import { StatWidget } from "./stat";

customElements.define("logkiln-stat", StatWidget);
customElements.define("logkiln-chart", ChartWidget);
customElements.define("logkiln-anomalies", AnomaliesWidget);
