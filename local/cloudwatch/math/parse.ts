import jsep from 'jsep';

// What the expressions of CloudWatch have beyond those that jsep knows: words for logic, and a power that binds more tightly than a product.
jsep.addBinaryOp('OR', 1);
jsep.addBinaryOp('AND', 2);
jsep.addUnaryOp('NOT');
jsep.addBinaryOp('^', 11, true);

/** A node of a parsed expression, of the kinds that CloudWatch has. */
export type Node =
  | { readonly kind: 'literal'; readonly value: number | string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Node[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node };

/** Parses an expression of metric math, or the rule of a composite alarm, which have the same grammar. @throws for what CloudWatch does not have */
export function parse(expression: string): Node {
  let root: jsep.Expression;
  try {
    root = jsep(expression);
  } catch (error) {
    throw new Error(`The expression ${expression} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return nodeOf(root as jsep.CoreExpression);
}

function nodeOf(expression: jsep.CoreExpression): Node {
  const of = (each: jsep.Expression): Node => nodeOf(each as jsep.CoreExpression);
  switch (expression.type) {
    case 'Literal':
      if (typeof expression.value === 'number' || typeof expression.value === 'string') return { kind: 'literal', value: expression.value };
      throw new Error(`The local run's CloudWatch does not know ${expression.raw} in an expression.`);
    case 'Identifier':
      return { kind: 'name', name: expression.name };
    case 'ArrayExpression':
      return { kind: 'list', items: expression.elements.flatMap((each) => (each ? [of(each)] : [])) };
    case 'CallExpression': {
      const name = (expression.callee as jsep.Identifier).name;
      return { kind: 'call', name, parameters: expression.arguments.map(of) };
    }
    case 'UnaryExpression':
      return { kind: 'unary', operator: expression.operator, operand: of(expression.argument) };
    case 'BinaryExpression':
      return { kind: 'binary', operator: expression.operator, left: of(expression.left), right: of(expression.right) };
    default:
      throw new Error(`The local run's CloudWatch does not know a ${expression.type} in an expression.`);
  }
}

/** The names of all functions that an expression calls. */
export function callsOf(node: Node): string[] {
  switch (node.kind) {
    case 'call':
      return [node.name, ...node.parameters.flatMap(callsOf)];
    case 'list':
      return node.items.flatMap(callsOf);
    case 'unary':
      return callsOf(node.operand);
    case 'binary':
      return [...callsOf(node.left), ...callsOf(node.right)];
    default:
      return [];
  }
}
