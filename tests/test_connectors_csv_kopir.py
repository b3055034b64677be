"""Kopir's own dialect, sentence by sentence of its contract."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.records import CourseRole
from tests.csv_folder import Folder

PEOPLE = "id,name,email,discord\n1,Айгүл Сейтқали,a@x.kz,aigul.s\n2,Нұрлан Жақсыбеков,n@x.kz,\n3,Ольга Ким,,\n"
COURSES = "id,title\nALG,Алгебра\nPHY,Физика\n"
ENROLMENTS = "person,course,role,group,start,end\n1,ALG,student,7А,,\n2,ALG,,7Ә,,\n3,ALG,teacher,,,\n"
MATERIALS = (
    "course,module,title,url,file,type,due,visible_from\n"
    "ALG,1-бөлім,Кіріспе,https://x.kz/1,,link,,\nАлгебра,2-бөлім,Тест,,t.pdf,quiz,2026-10-01,01.09.2026\n"
)
STUDENT, TEACHER = CourseRole.STUDENT, CourseRole.TEACHER


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def roster(folder: Folder, *rows: str, header: str = "name,email,course,role,group,discord") -> Folder:
    folder.write({"roster.csv": "\n".join([header, *rows]) + "\n"}).pull()
    return folder


def test_four_files_become_one_school(folder: Folder) -> None:
    files = {"people.csv": PEOPLE, "courses.csv": COURSES, "enrolments.csv": ENROLMENTS, "materials.csv": MATERIALS}
    pulled = folder.write(files).pull()
    assert folder.counts() == {
        "courses": 2,
        "modules": 2,
        "materials": 2,
        "people": 3,
        "enrolments": 3,
        "groups": 2,
    }
    assert not pulled.problems
    assert pulled.dialects == dict.fromkeys(files, "kopir")


@pytest.mark.parametrize("left_out", ["people.csv", "courses.csv", "enrolments.csv", "materials.csv"])
def test_every_file_may_be_left_out(folder: Folder, left_out: str) -> None:
    files = {"people.csv": PEOPLE, "courses.csv": COURSES, "enrolments.csv": ENROLMENTS, "materials.csv": MATERIALS}
    del files[left_out]
    pulled = folder.write(files).pull()
    assert pulled.snapshot is not None
    assert not pulled.problems


def test_one_flat_roster_is_enough(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,student,7А,aigul.s", "Ольга,o@x.kz,Алгебра,teacher,,")
    assert folder.counts() == {"courses": 1, "people": 2, "enrolments": 2, "groups": 1}
    assert folder.state.people[0].discord == "aigul.s"
    assert not folder.last.problems


def test_two_roles_of_one_person_in_one_course_are_two_enrolments(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,student,,", "Айгүл,a@x.kz,Алгебра,teacher,,")
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 2}


def test_expired_and_future_enrolments_count(folder: Folder) -> None:
    rows = "1,ALG,student,,2020-01-01,2020-02-01\n2,ALG,student,,2090-01-01,\n"
    folder.write({"people.csv": PEOPLE, "enrolments.csv": "person,course,role,group,start,end\n" + rows}).pull()
    assert folder.counts()["enrolments"] == 2


def test_course_cells_match_an_id_then_a_title(folder: Folder) -> None:
    rows = "a@x.kz,ALG\nb@x.kz, алгебра \nc@x.kz,АЛГЕБРА\n"
    folder.write({"courses.csv": COURSES, "enrolments.csv": "person,course\n" + rows}).pull()
    assert {role.course for role in folder.state.enrolments} == {"ALG"}


def test_an_id_goes_before_a_title(folder: Folder) -> None:
    courses = "id,title\nA,B\nB,C\n"
    folder.write({"courses.csv": courses, "enrolments.csv": "person,course\np@x.kz,B\n"}).pull()
    assert {role.course for role in folder.state.enrolments} == {"B"}


def test_a_course_may_say_when_it_begins_and_ends(folder: Folder) -> None:
    folder.write({"courses.csv": "id,title,start,end\nA,Алгебра,01.09.2026,31.05.2027\nB,Биология,,soon\n"}).pull()
    algebra, biology = folder.state.courses
    zone = algebra.start.tzinfo if algebra.start else None
    assert (algebra.start, algebra.end) == (
        datetime(2026, 8, 31, 19, tzinfo=zone),
        datetime(2027, 5, 31, 19, tzinfo=zone),
    )
    assert (biology.start, biology.end) == (None, None)
    assert [line for _, line, _ in folder.codes()] == [3]


def test_two_courses_of_one_title_are_not_guessed(folder: Folder) -> None:
    courses = "id,title\nA,Алгебра\nB,алгебра\n"
    folder.write({"courses.csv": courses, "enrolments.csv": "person,course\np@x.kz,Алгебра\n"}).pull()
    assert folder.codes() == [("enrolments.csv", 2, "ambiguous-course")]


@pytest.mark.parametrize("name", ["roster.csv", "materials.csv"])
def test_an_unknown_course_is_created(folder: Folder, name: str) -> None:
    text = {
        "roster.csv": "name,email,course\nАйгүл,a@x.kz,Химия\n",
        "materials.csv": "course,module,title\nХимия,1,Сутек\n",
    }[name]
    folder.write({name: text}).pull()
    assert folder.titles() == {"Химия"}
    assert not folder.last.problems


@pytest.mark.parametrize("name", ["roster.csv", "materials.csv", "enrolments.csv"])
def test_beside_a_list_of_courses_an_unknown_course_is_a_problem(folder: Folder, name: str) -> None:
    text = {
        "roster.csv": "name,email,course\nАйгүл,a@x.kz,Химия\n",
        "materials.csv": "course,module,title\nХимия,1,Сутек\n",
        "enrolments.csv": "person,course\na@x.kz,Химия\n",
    }[name]
    folder.write({name: text, "courses.csv": COURSES}).pull()
    assert folder.titles() == {"Алгебра", "Физика"}
    assert [(p.file, p.line, p.column, p.code) for p in folder.last.problems] == [(name, 2, "course", "unknown-course")]


@pytest.mark.parametrize("word", ["сынып", "класс", "Сынып", "КЛАСС"])
def test_a_class_is_the_group_where_there_is_a_course(folder: Folder, word: str) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,7А", header=f"name,email,курс,{word}")
    assert [(group.title, group.course) for group in folder.state.groups] == [("7А", "алгебра")]
    assert folder.titles() == {"Алгебра"}


@pytest.mark.parametrize("word", ["сынып", "класс"])
def test_a_class_is_the_course_where_there_is_none(folder: Folder, word: str) -> None:
    roster(folder, "Айгүл,a@x.kz,7А", header=f"name,email,{word}")
    assert folder.titles() == {"7А"}
    assert not folder.state.groups


def test_enrolments_may_stand_alone(folder: Folder) -> None:
    folder.write({"enrolments.csv": "person,course,role\na@x.kz,ALG,student\n17,ALG,teacher\n"}).pull()
    assert folder.roles() == {("a@x.kz", "alg", STUDENT), ("17", "alg", TEACHER)}
    assert not folder.last.problems


def test_a_person_is_an_id_or_an_email(folder: Folder) -> None:
    folder.write({"people.csv": PEOPLE, "enrolments.csv": "person,course\n1,ALG\nN@X.kz,ALG\n9,ALG\n"}).pull()
    assert {role.person for role in folder.state.enrolments} == {"1", "2"}
    assert folder.codes() == [("enrolments.csv", 4, "unknown-person")]


def test_a_name_that_occurs_once_is_the_identity(folder: Folder) -> None:
    roster(folder, "Айгүл,,Алгебра,,,", "Нұрлан,,Алгебра,,,")
    assert folder.names() == {"Айгүл", "Нұрлан"}
    assert not folder.last.problems


def test_namesakes_without_id_and_email_are_reported_and_not_guessed(folder: Folder) -> None:
    roster(folder, "Дмитрий Иванов,,Алгебра,,,", "Айгүл,,Алгебра,,,", "Дмитрий Иванов,,Физика,,,")
    assert folder.names() == {"Айгүл"}
    assert folder.codes() == [("roster.csv", 2, "ambiguous-person"), ("roster.csv", 4, "ambiguous-person")]


def test_namesakes_with_emails_are_two_people(folder: Folder) -> None:
    roster(folder, "Дмитрий Иванов,d1@x.kz,Алгебра,,,", "Дмитрий Иванов,d2@x.kz,Алгебра,,,")
    assert folder.counts()["people"] == 2
    assert not folder.last.problems


def test_a_second_namesake_does_not_remove_the_first(folder: Folder) -> None:
    roster(folder, "Дмитрий Иванов,,Алгебра,,,")
    roster(folder, "Дмитрий Иванов,,Алгебра,,,", "Дмитрий Иванов,,Алгебра,,,")
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1}


def test_an_empty_role_is_student(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,,,")
    assert {role.role for role in folder.state.enrolments} == {STUDENT}


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("мұғалім", TEACHER),
        ("Учитель", TEACHER),
        ("TEACHER", TEACHER),
        ("оқытушы", TEACHER),
        ("оқушы", STUDENT),
        ("ученик", STUDENT),
        ("студент", STUDENT),
        ("көмекші", CourseRole.ASSISTANT),
        ("наблюдатель", CourseRole.OBSERVER),
        ("модератор", CourseRole.MODERATOR),
        ("қызметкер", CourseRole.STAFF),
    ],
)
def test_roles_are_read_in_three_languages(folder: Folder, word: str, role: CourseRole) -> None:
    roster(folder, f"Айгүл,a@x.kz,Алгебра,{word},,")
    assert {enrolment.role for enrolment in folder.state.enrolments} == {role}


def test_an_unknown_role_grants_nothing_and_removes_nothing(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,student,,", "Нұрлан,n@x.kz,Алгебра,,,")
    roster(folder, "Айгүл,a@x.kz,Алгебра,дос,,", "Нұрлан,n@x.kz,Алгебра,дос,,", "Әлия,l@x.kz,Алгебра,дос,,")
    assert folder.roles() == {("a@x.kz", "алгебра", STUDENT), ("n@x.kz", "алгебра", STUDENT)}
    assert [(p.line, p.column, p.code) for p in folder.last.problems] == [
        (2, "role", "unknown-role"),
        (3, "role", "unknown-role"),
        (4, "role", "unknown-role"),
    ]


def test_staff_need_no_course(folder: Folder) -> None:
    roster(folder, "Марат,m@x.kz,,staff,,", "Айгүл,a@x.kz,,student,,")
    assert folder.roles() == {("m@x.kz", "", CourseRole.STAFF)}
    assert folder.names() == {"Марат", "Айгүл"}
    assert folder.codes() == [("roster.csv", 3, "missing-cell")]


@pytest.mark.parametrize(
    "header",
    [
        "Аты-жөні;Пошта;Пән;Рөл;Топ;Дискорд",
        "ФИО;Почта;Курс;Роль;Группа;Дискорд",
        "Full name;E-mail;Course;Role;Group;Discord",
        "оқушының аты-жөні;электрондық пошта;курс атауы;рөлі;тобы;дискорд",
        "Аты-жөні (толық);Пошта (gmail);Сабақ;Рөлі*;Топ:;Дискорд (міндетті емес)",
        "Ф.И.О.;Электронная почта;Предмет;Роль;Подгруппа;Ник в Discord",
        "Толық аты-жөні;Мэйл;Пән атауы;Рөлі;Сынып;Discord-тағы аты",
        "ФИО учащегося;Электронный адрес;Предмет;Роль на курсе;Класс/группа;Имя пользователя Discord",
    ],
)
def test_headers_are_read_in_three_languages(folder: Folder, header: str) -> None:
    roster(folder, "Әлия Нұрғалиева;a@x.kz;Алгебра;student;7А;aliya", header=header)
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1, "groups": 1}
    assert folder.state.people[0].discord == "aliya"


@pytest.mark.parametrize("header", ["тегі;аты;курс", "Фамилия;Имя;Курс", "last name;first name;course"])
def test_family_and_given_name_may_be_two_columns(folder: Folder, header: str) -> None:
    roster(folder, "Сейтқали;Айгүл;Алгебра", header=header)
    assert folder.names() == {"Айгүл Сейтқали"}


def test_a_patronymic_tells_namesakes_apart(folder: Folder) -> None:
    header = "Фамилия;Имя;Отчество;Курс"
    roster(folder, "Иванов;Дмитрий;Олегович;Алгебра", "Иванов;Дмитрий;Петрович;Алгебра", header=header)
    assert folder.counts()["people"] == 2
    assert not folder.last.problems


def test_spreadsheet_furniture_is_skipped_quietly(folder: Folder) -> None:
    folder.write(
        {
            "roster.csv": "7А сыныбының тізімі;;;;;\n;;;;;\nАты-жөні;Пошта;Пән;;;\nАйгүл;a@x.kz;Алгебра;;;\n;;;;;\n"
            "Барлығы: 1;;;;;\nИтого;1;;;;\n;;;;;\n"
        }
    ).pull()
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1}
    assert not folder.last.problems


def test_a_line_is_the_physical_line(folder: Folder) -> None:
    text = 'sep=;\nТізім;;\n\nname;email;course\n"Айгүл\nСейтқали";a@x.kz;Алгебра\n?лия;l@x.kz;Алгебра\n'
    folder.write({"roster.csv": text}).pull()
    assert folder.names() == {"Айгүл Сейтқали"}
    assert folder.codes() == [("roster.csv", 7, "lost-letters")]


def test_a_column_is_the_header_as_spelt(folder: Folder) -> None:
    roster(folder, "Айгүл;nobody;Алгебра", header="Аты-жөні; E-Mail ;Пән")
    assert [(p.column, p.code, p.values["found"]) for p in folder.last.problems] == [("E-Mail", "bad-email", "nobody")]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("discord", "1,23457E+17", "rounded-discord"),
        ("discord", "1.23457E+17", "rounded-discord"),
        ("discord", "123456789012345000", "rounded-discord"),
        ("discord", "Айгүл С", "bad-discord"),
        ("email", "a at x.kz", "bad-email"),
        ("group", "?ылыми", "lost-letters"),
    ],
)
def test_a_bad_optional_cell_costs_only_that_cell(folder: Folder, column: str, cell: str, code: str) -> None:
    row = {"id": "1", "name": "Айгүл", "email": "a@x.kz", "course": "Алгебра", "group": "7А", "discord": "aigul"}
    roster(folder, ";".join(row.values()), header=";".join(row))
    row[column] = cell
    roster(folder, ";".join(row.values()), header=";".join(row))
    assert [(p.column, p.code) for p in folder.last.problems] == [(column, code)]
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1, "groups": 1}
    assert (folder.state.people[0].discord, folder.state.people[0].email) == ("aigul", "a@x.kz")
    assert folder.state.enrolments[0].groups == ("алгебра/7а",)


@pytest.mark.parametrize("discord", ["123456789012345678", "@aigul.s", "aigul_s", "Aigul#1234"])
def test_discord_names_and_ids_are_taken(folder: Folder, discord: str) -> None:
    roster(folder, f"Айгүл,a@x.kz,Алгебра,,,{discord}")
    assert folder.state.people[0].discord == discord.removeprefix("@").lower()
    assert not folder.last.problems


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        ("2026-09-01", "2026-09-30", datetime(2026, 8, 31, 19, tzinfo=UTC), datetime(2026, 9, 30, 19, tzinfo=UTC)),
        ("01.09.2026", "30.9.2026", datetime(2026, 8, 31, 19, tzinfo=UTC), datetime(2026, 9, 30, 19, tzinfo=UTC)),
        ("46266", "46295", datetime(2026, 8, 31, 19, tzinfo=UTC), datetime(2026, 9, 30, 19, tzinfo=UTC)),
        (
            "01.09.2026 08:30",
            "2026-09-30T10:00:00Z",
            datetime(2026, 9, 1, 3, 30, tzinfo=UTC),
            datetime(2026, 9, 30, 10, tzinfo=UTC),
        ),
        ("25/09/2026", "", datetime(2026, 9, 24, 19, tzinfo=UTC), None),
    ],
)
def test_dates_are_read_in_the_schools_zone_and_an_end_is_inclusive(
    folder: Folder, start: str, end: str, begins: datetime, ends: datetime | None
) -> None:
    folder.write({"enrolments.csv": f"person;course;start;end\na@x.kz;ALG;{start};{end}\n"}).pull()
    assert [(role.start, role.end) for role in folder.state.enrolments] == [(begins, ends)]


@pytest.mark.parametrize("column", ["start", "end"])
@pytest.mark.parametrize(
    ("cell", "code"), [("03/04/2026", "ambiguous-date"), ("31.02.2026", "bad-date"), ("soon", "bad-date")]
)
def test_a_bad_date_that_bounds_access_withholds_the_grant(folder: Folder, column: str, cell: str, code: str) -> None:
    folder.write({"enrolments.csv": f"person,course,{column}\na@x.kz,ALG,{cell}\nb@x.kz,ALG,\n"}).pull()
    assert {role.person for role in folder.state.enrolments} == {"b@x.kz"}
    assert [(p.line, p.column, p.code) for p in folder.last.problems] == [(2, column, code)]


def test_an_end_before_the_start_withholds_the_grant(folder: Folder) -> None:
    folder.write({"enrolments.csv": "person,course,start,end\na@x.kz,ALG,2026-09-02,2026-09-01\n"}).pull()
    assert not folder.state.enrolments
    assert folder.codes() == [("enrolments.csv", 2, "date-order")]


def test_a_due_date_without_time_is_the_end_of_that_day(folder: Folder) -> None:
    folder.write({"materials.csv": "course,module,title,due,visible_from\nALG,1,A,2026-10-01,2026-09-01\n"}).pull()
    material = folder.state.materials[0]
    assert material.due == datetime(2026, 10, 1, 18, 59, tzinfo=UTC)
    assert material.visible_from == datetime(2026, 8, 31, 19, tzinfo=UTC)


def test_a_bad_due_date_costs_the_cell_and_a_bad_visible_from_the_material(folder: Folder) -> None:
    rows = "ALG,1,A,03/04/2026,\nALG,1,B,,03/04/2026\n"
    folder.write({"materials.csv": "course,module,title,due,visible_from\n" + rows}).pull()
    assert [(material.title, material.due) for material in folder.state.materials] == [("A", None)]
    assert [(p.line, p.column) for p in folder.last.problems] == [(2, "due"), (3, "visible_from")]


def test_a_material_keeps_its_id_when_it_moves_to_another_module(folder: Folder) -> None:
    folder.write({"materials.csv": "course,module,title,url\nALG,1,Кіріспе,https://x.kz/1\n"}).pull()
    before = folder.state.materials[0].id
    folder.write({"materials.csv": "course,module,title,url\nALG,2,Кіріспе,https://x.kz/2\n"}).pull()
    assert [(material.id, material.module) for material in folder.state.materials] == [(before, "2")]


def test_materials_of_one_title_are_told_apart(folder: Folder) -> None:
    rows = "".join(f"ALG,{module},Тест,https://x.kz/{page}\n" for module, page in ((1, 1), (2, 2), (2, 3), (2, 3)))
    folder.write({"materials.csv": "course,module,title,url\n" + rows}).pull()
    assert folder.counts()["materials"] == 3
    assert folder.codes() == [("materials.csv", 5, "duplicate-row")]


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+7 701", "-Айгүл", "@aigul", "=1+1"])
def test_a_cell_that_starts_like_a_formula_is_no_name(folder: Folder, cell: str) -> None:
    roster(folder, f"{cell},a@x.kz,Алгебра,,,", "Нұрлан,n@x.kz,Алгебра,,,")
    assert folder.names() == {"Нұрлан"}
    assert folder.codes() == [("roster.csv", 2, "formula")]


@pytest.mark.parametrize(
    ("cell", "column"), [("?лия", "name"), ("Айг?л", "name"), ("?аза? тілі", "course"), ("Ту?ан өлке", "course")]
)
def test_kazakh_letters_lost_to_question_marks_are_refused(folder: Folder, cell: str, column: str) -> None:
    row = {"name": "Айгүл", "email": "a@x.kz", "course": "Алгебра", column: cell}
    roster(folder, ",".join(row.values()), header=",".join(row))
    assert not folder.state.enrolments
    assert [(p.column, p.code) for p in folder.last.problems] == [(column, "lost-letters")]
    assert "CSV UTF-8" in folder.last.problems[0].template


def test_a_question_in_a_title_is_a_question(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Что такое Python?,,,")
    assert folder.titles() == {"Что такое Python?"}
    assert not folder.last.problems


def test_names_are_normalised(folder: Folder) -> None:
    roster(folder, "  Е\u0308лкина\u00a0 Елена ,a@x.kz,Алгебра,,,")
    assert folder.names() == {"Ёлкина Елена"}


def test_a_duplicate_row_is_reported_and_counts_once(folder: Folder) -> None:
    roster(folder, "Айгүл,a@x.kz,Алгебра,,7А,", "Айгүл,a@x.kz,Алгебра,,7А,", "Айгүл,a@x.kz,Алгебра,,7Б,")
    assert folder.codes() == [("roster.csv", 3, "duplicate-row")]
    assert [role.groups for role in folder.state.enrolments] == [("алгебра/7а", "алгебра/7б")]


def test_a_repeated_id_is_reported(folder: Folder) -> None:
    folder.write({"people.csv": "id,name,email\n1,Айгүл,\n1,Нұрлан,\n"}).pull()
    assert folder.names() == {"Айгүл"}
    assert folder.codes() == [("people.csv", 3, "duplicate-id")]


def test_a_roster_beside_a_list_of_people_means_the_same_people(folder: Folder) -> None:
    folder.write({"people.csv": PEOPLE, "roster.csv": "name,email,course\nНұрлан,n@x.kz,Алгебра\nОльга Ким,,Алгебра\n"})
    folder.pull()
    assert {role.person for role in folder.state.enrolments} == {"2", "3"}
    assert folder.counts()["people"] == 3


def test_columns_that_kopir_does_not_use_never_leave_the_file(folder: Folder) -> None:
    header = "name,email,course,phone,password,ЖСН,туған күні"
    roster(folder, "Айгүл,a@x.kz,Алгебра,+77011234567,Qaz#1,020815411788,2010-01-01", header=header)
    assert not any(secret in repr(folder.last) for secret in ("+77011234567", "Qaz#1", "020815411788", "2010-01-01"))
    assert not folder.last.problems


def test_row_numbers_and_numbering_rows_are_no_identity(folder: Folder) -> None:
    header = "№;Номер;ФИО;Класс"
    roster(folder, "1;2;3;4", "1;1;Айгүл;7А", "2;2;Нұрлан;7А", header=header)
    roster(folder, "1;1;Нұрлан;7А", "2;2;Айгүл;7А", header=header)
    assert {person.id for person in folder.state.people} == {"айгүл", "нұрлан"}
    assert not folder.last.problems


@pytest.mark.parametrize("word", ["Группа", "топ", "group"])
def test_a_group_is_the_course_where_there_is_neither_course_nor_class(folder: Folder, word: str) -> None:
    roster(folder, "Айгүл,a@x.kz,ИС-21", header=f"name,email,{word}")
    assert folder.titles() == {"ИС-21"}
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1}


def test_a_cell_as_long_as_a_book_is_refused(folder: Folder) -> None:
    roster(folder, f"{'А' * 5000},a@x.kz,Алгебра,,,", "Нұрлан,n@x.kz,Алгебра,,,")
    assert [(p.line, p.column, p.code) for p in folder.last.problems] == [(2, "name", "long-cell")]


@pytest.mark.parametrize(
    "other", ["Сейтқали Айгүл", "Айгуль Сейткали", "Сейтқали А.", "Айгүл", "Айгүл Бекболатқызы Сейтқали"]
)
def test_two_spellings_of_one_name_are_one_person(folder: Folder, other: str) -> None:
    roster(folder, "Айгүл Сейтқали,a@x.kz,Алгебра,,,", f"{other},a@x.kz,Физика,,,")
    assert folder.names() == {"Айгүл Сейтқали"}
    assert folder.counts()["enrolments"] == 2
    assert folder.codes() == [("roster.csv", 3, "different-names")]


@pytest.mark.parametrize("other", ["Нұрлан Сейтқали", "Сейтқали Нұрлан", "Ольга Ким"])
def test_two_people_with_a_parents_email_are_not_guessed(folder: Folder, other: str) -> None:
    roster(folder, "Айгүл Сейтқали,a@x.kz,Алгебра,,,", f"{other},a@x.kz,Физика,,,")
    assert folder.counts() == {"courses": 1, "people": 1, "enrolments": 1}
    assert folder.codes() == [("roster.csv", 3, "shared-email")]


def test_a_new_name_of_an_email_is_a_new_name(folder: Folder) -> None:
    roster(folder, "Айгүл Сейтқали,a@x.kz,Алгебра,,,")
    roster(folder, "Ольга Ким,a@x.kz,Алгебра,,,")
    assert folder.names() == {"Ольга Ким"}
    assert not folder.last.problems


@pytest.mark.parametrize(
    ("header", "found"),
    [("ФИО;Курс;Предмет", "Курс = Предмет"), ("ФИО;Курс;Курс", "Курс")],
    ids=["two words", "one word"],
)
def test_two_columns_that_mean_the_same_are_both_named(folder: Folder, header: str, found: str) -> None:
    roster(folder, "Айгүл;2;Алгебра", header=header)
    assert [(item.code, item.values["found"]) for item in folder.last.problems] == [("repeated-column", found)]
