<?php
// What both schools are made with: features, restrictions, files.

defined('MOODLE_INTERNAL') || die();

const AUTUMN = 1788213600;  // 1 September 2026

function switch_on(): void {
    set_config('allowstealth', 1);
    set_config('enableavailability', 1);
    set_config('enablecompletion', 1);
    foreach (['chat', 'survey', 'data', 'bigbluebuttonbn'] as $type) {
        \core\plugininfo\mod::enable_plugin($type, 1);
    }
    filter_set_global_state('multilang', TEXTFILTER_ON);
    filter_set_applies_to_strings('multilang', true);
}

function when(string $direction, int $moment): array {
    return ['type' => 'date', 'd' => $direction, 't' => $moment];
}

function restriction(array ...$conditions): string {
    return json_encode(['op' => '&', 'c' => $conditions, 'showc' => array_fill(0, count($conditions), true)]);
}

function add_file(stdClass $module, string $component, string $path, string $name, string $content, int $order = 0): void {
    get_file_storage()->create_file_from_string(['contextid' => context_module::instance($module->cmid)->id, 'component' => $component,
        'filearea' => 'content', 'itemid' => 0, 'filepath' => $path, 'filename' => $name, 'sortorder' => $order,
        'timecreated' => AUTUMN, 'timemodified' => AUTUMN], $content);
}
