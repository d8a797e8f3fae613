<?php echo "Hello, PHP";
