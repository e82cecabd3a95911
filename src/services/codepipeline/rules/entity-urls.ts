import type { ActionState, GetPipelineStateOutput, PipelineDeclaration } from '../api.gen.ts';
import type { TypeId } from './catalogue.ts';
import { urlOf } from './job-urls.ts';

/** GetPipelineState with the links of custom actions to what they are configured with. Variables have no value outside an execution. */
export function withEntityUrls(
  view: GetPipelineStateOutput,
  declaration: PipelineDeclaration,
  templateOf: (type: TypeId) => string | undefined,
): GetPipelineStateOutput {
  const linked = (stageName: string | undefined, state: ActionState): ActionState => {
    const stage = declaration.stages.find(({ name }) => name === stageName);
    const action = stage?.actions.find(({ name }) => name === state.actionName);
    const configured = Object.entries(action?.configuration ?? {}).filter(([, value]) => !value.includes('#{'));
    const entityUrl = action && urlOf(templateOf(action.actionTypeId), Object.fromEntries(configured));
    return entityUrl === undefined ? state : { ...state, entityUrl };
  };
  const stageStates = view.stageStates?.map((stage) => ({
    ...stage,
    ...(stage.actionStates && { actionStates: stage.actionStates.map((state) => linked(stage.stageName, state)) }),
  }));
  return { ...view, ...(stageStates && { stageStates }) };
}
