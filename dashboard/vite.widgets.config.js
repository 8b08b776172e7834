import { defineConfig } from "vite";

/** The widgets: one plain script with a name that stays, for other people's pages. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    // Browsers that know light-dark(): rewritten for older ones, it would lose the page's scheme.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    emptyOutDir: false,
    lib: { entry: "src/widgets/main.ts", formats: ["iife"], name: "logkiln", fileName: () => "widgets.js" },
  },
});
