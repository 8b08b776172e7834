/** Vite bundles style sheets that a module imports. */
declare module "*.css";

/** The text of a style sheet, for elements that carry their own. */
declare module "*.css?inline" {
  const text: string;
  export default text;
}
