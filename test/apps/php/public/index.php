<?php
$guests = new PDO('sqlite:' . sys_get_temp_dir() . '/guests.sqlite');
$guests->exec('CREATE TABLE IF NOT EXISTS guests (name TEXT UNIQUE)');
$guests->prepare('INSERT OR IGNORE INTO guests VALUES (?)')->execute(['World']);
foreach ($guests->query('SELECT name FROM guests') as $guest) {
    echo '<p>Hello, ', htmlspecialchars($guest['name']), "!</p>\n";
}
